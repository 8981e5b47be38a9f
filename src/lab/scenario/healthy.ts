// Nothing breaks: whoever finds a cause here is wrong.
import { spec } from './spec.ts'

export const healthy = spec('healthy', 'the shop on an ordinary day', () => ({ fault: [], truth: null }))
