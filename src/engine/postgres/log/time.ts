// The times of the server log: local time of `log_timezone` with the zone's abbreviation, or seconds since the epoch.

const STAMP = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))? ?(\S*)$/
const EPOCH = /^\d{9,11}\.\d{3}$/

/** Epoch milliseconds; undefined when the text is no time, or its zone is one of several or not known. */
export const timeOf = (text: string): number | undefined => {
  if (EPOCH.test(text)) return Math.round(Number(text) * 1_000)
  const match = STAMP.exec(text)
  const offset = match ? offsetOf(match[8]!) : undefined
  if (!match || offset === undefined) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    ...[number, number, number],
    ...[number, number, number],
  ]
  const fraction = Number((match[7] ?? '').padEnd(3, '0'))
  return Date.UTC(year, month - 1, day, hour, minute, second, fraction) - offset * 60_000
}

/** Minutes east of Greenwich. Zones without an abbreviation are written as numbers. */
const offsetOf = (zone: string): number | undefined => {
  const numeric = /^([+-])(\d\d):?(\d\d)?$/.exec(zone)
  if (!numeric) return ZONES[zone]
  const minutes = Number(numeric[2]) * 60 + Number(numeric[3] ?? 0)
  return numeric[1] === '-' ? -minutes : minutes
}

/** Those that mean one zone. IST is India, Ireland and Israel, CST also China and Cuba: CST and BST as most servers mean them. */
const ZONES: Record<string, number> = {
  ...{ UTC: 0, GMT: 0, UCT: 0, Z: 0, WET: 0, WEST: 60, BST: 60, CET: 60, CEST: 120, EET: 120, EEST: 180 },
  ...{ MSK: 180, SAST: 120, PKT: 300, WIB: 420, HKT: 480, PHT: 480, JST: 540, KST: 540 },
  ...{ AWST: 480, ACST: 570, ACDT: 630, AEST: 600, AEDT: 660, NZST: 720, NZDT: 780 },
  ...{ NST: -210, NDT: -150, AST: -240, ADT: -180, EST: -300, EDT: -240, CST: -360, CDT: -300 },
  ...{ MST: -420, MDT: -360, PST: -480, PDT: -420, AKST: -540, AKDT: -480, HST: -600 },
}
