// A red herring: the deploy that everybody looks at is innocent, a lock is not.
import { deploy } from './deploy.ts'
import { rowLock } from './row-lock.ts'
import { spec } from './spec.ts'

export const lockBehindDeploy = spec(
  'lock-behind-deploy',
  'a deploy goes well while billing locks the hot row',
  ({ dialect: { engine } }) => {
    const { fault, services } = deploy.on(engine)
    return { services, fault: [...rowLock.on(engine).fault, ...fault], truth: rowLock.on(engine).truth }
  },
)
