// When sessions were seen to open: MySQL keeps no such time.

/** Time for the first work of a session, and what the whole seconds of the server and of the ticks may add. */
const FIRST_WORK_MS = 4_000
const UNUSED_MS = 10_000

export class Seen {
  /** By session id, milliseconds of this process's clock; -Infinity for those that were there before. */
  #openedAt: Map<string, number> | undefined

  look(ids: ReadonlySet<string>): void {
    const before = this.#openedAt
    const now = performance.now()
    this.#openedAt = new Map(
      [...ids].map(id => [id, before === undefined ? Number.NEGATIVE_INFINITY : (before.get(id) ?? now)]),
    )
  }

  /** Used only right after it was opened, and not again; undefined when nobody saw it open. */
  isUnused(id: string, idleMs: number): boolean | undefined {
    const openedAt = this.#openedAt?.get(id)
    if (openedAt === undefined || openedAt === Number.NEGATIVE_INFINITY) return undefined
    const lastUsedAt = performance.now() - idleMs
    return idleMs > UNUSED_MS && lastUsedAt - openedAt < FIRST_WORK_MS
  }
}
