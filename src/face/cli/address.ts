// Addresses of this machine, as an option that may be given again.
import { once } from 'node:events'
import { createServer, isIP } from 'node:net'
import { AppError } from '../../model/index.ts'

const HINT = 'Give an address that this machine has, such as 10.0.0.5; `ip address` lists them.'

/** Adds one to those before it. Throws AppError `option-invalid` for what is no IP address. */
export function addresses(text: string, before: readonly string[] = []): string[] {
  if (isIP(text) !== 0) return [...before, text]
  throw new AppError('option-invalid', `${JSON.stringify(text)} is no IP address`, HINT)
}

/** Finds out by listening there, for loopback has more addresses than are listed. Throws AppError `option-invalid`. */
export async function checkOwn(all: readonly string[] = []): Promise<void> {
  for (const address of all) {
    const listener = createServer()
    try {
      listener.listen(0, address)
      await once(listener, 'listening')
    } catch (error) {
      throw new AppError('option-invalid', `this machine has no address ${address}`, HINT, error)
    } finally {
      listener.close()
    }
  }
}
