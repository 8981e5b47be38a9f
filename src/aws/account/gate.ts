// The one way out to AWS: only declared actions pass, each attempt is counted, and there is an end to them.
import type { NodeHttpHandler } from '@smithy/node-http-handler'
import { type Action, isDeclared } from './action.ts'

type Handle = NodeHttpHandler['handle']
type Request = Parameters<Handle>[0]

/** Attempts of one run, retries included: a diagnosis needs a few dozen. */
const MAX_CALLS = 250

export class CallLedger {
  readonly #counts = new Map<Action, number>()
  readonly #most: number

  constructor(most = MAX_CALLS) {
    this.#most = most
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, n) => sum + n, 0)
  }

  get counts(): Partial<Record<Action, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** Throws TooManyCalls; an undeclared action is a mistake of the programmer. */
  admit(action: string): void {
    if (!isDeclared(action)) throw new Error(`${action} is called but not declared in action.ts`)
    if (this.total >= this.#most) throw new TooManyCalls(this.#most)
    this.#counts.set(action, (this.#counts.get(action) ?? 0) + 1)
  }
}

export class TooManyCalls extends Error {
  constructor(most: number) {
    super(`${most} calls to AWS were made`)
    this.name = 'TooManyCalls'
  }
}

/** Wraps the SDK's own way to the wire. The wire, not the command's name, says what is called. */
export function gated(inner: NodeHttpHandler, service: string, ledger: CallLedger) {
  return {
    metadata: inner.metadata,
    handle: async (request: Request, options?: Parameters<Handle>[1]): ReturnType<Handle> => {
      ledger.admit(`${service}:${operationOf(request)}`)
      return inner.handle(request, options)
    },
    updateHttpClientConfig: inner.updateHttpClientConfig.bind(inner),
    httpHandlerConfigs: () => inner.httpHandlerConfigs(),
    destroy: () => inner.destroy(),
  }
}

/** JSON protocols name it in a header, the Query protocols in the form. */
function operationOf({ headers, body }: Request): string {
  const target = headers['x-amz-target']
  if (target !== undefined) return target.slice(target.lastIndexOf('.') + 1)
  return new URLSearchParams(typeof body === 'string' ? body : '').get('Action') ?? 'unknown'
}
