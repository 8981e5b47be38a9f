// The times of the error log.

const LOCAL = /^(\d{4})-(\d\d)-(\d\d) {1,2}(\d{1,2}):(\d\d):(\d\d)$/

/** Epoch milliseconds; undefined when the text is no time. `zone`: minutes east of Greenwich, for a time that has none. */
export const timeOf = (text: string, zone?: number): number | undefined => {
  const local = LOCAL.exec(text)
  if (!local) {
    const t = Date.parse(text)
    return Number.isNaN(t) ? undefined : t
  }
  const [year, month, day, hour, minute, second] = local.slice(1).map(Number) as [
    ...[number, number, number],
    ...[number, number, number],
  ]
  return zone === undefined
    ? new Date(year, month - 1, day, hour, minute, second).getTime()
    : Date.UTC(year, month - 1, day, hour, minute, second) - zone * 60_000
}
