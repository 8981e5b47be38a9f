// How many sessions are at work or wait for one of c servers: M/M/c, Erlang 1917; Kleinrock, Queueing Systems I, 3.5.

/**
 * Mean number of sessions in the system at an offered load of `erlangs` (arrivals a second × seconds of work each);
 * Infinity where there is more work than can be done. Between whole numbers of servers it is interpolated.
 */
export function sessionsAt(erlangs: number, servers: number): number {
  if (erlangs <= 0) return 0
  if (servers <= 0 || erlangs >= servers) return Number.POSITIVE_INFINITY
  const [low, high] = [Math.floor(servers), Math.ceil(servers)]
  if (low === high) return inSystem(erlangs, servers)
  // A part of one server is a slower one.
  if (low === 0) return inSystem(erlangs / servers, 1)
  const share = servers - low
  // The whole servers alone may be too few: then scaled to the same utilisation.
  const fewer = inSystem((erlangs * low) / servers, low)
  return fewer + share * (inSystem((erlangs * high) / servers, high) - fewer)
}

/** The offered load at which that many sessions are in the system: the inverse of `sessionsAt`. */
export function offeredLoad(sessions: number, servers: number): number {
  if (sessions <= 0 || servers <= 0) return 0
  let [low, high] = [0, servers]
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2
    if (sessionsAt(middle, servers) < sessions) low = middle
    else high = middle
  }
  return low
}

/** Halvings: 2^-40 of a server is exact enough. */
const STEPS = 40

function inSystem(erlangs: number, servers: number): number {
  return erlangs + (erlangC(erlangs, servers) * erlangs) / (servers - erlangs)
}

/** Probability that an arrival has to wait, by the recursion of Erlang B. */
function erlangC(erlangs: number, servers: number): number {
  let blocked = 1
  for (let n = 1; n <= servers; n++) blocked = (erlangs * blocked) / (n + erlangs * blocked)
  return blocked / (1 - (erlangs / servers) * (1 - blocked))
}
