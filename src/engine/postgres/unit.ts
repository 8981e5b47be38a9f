// Values of PostgreSQL's parameters in the unit that pg_settings counts in: `1min` is `60000` of `ms`.
// https://www.postgresql.org/docs/current/config-setting.html#CONFIG-SETTING-NAMES-VALUES

const MEMORY: Record<string, number> = { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 }
const TIME: Record<string, number> = { us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 }

/** The text itself where it is no number with a unit of that kind. Switches are `on` and `off`. */
export function inBaseUnit(
  text: string,
  { unit, vartype }: { unit: string | null; vartype: string },
): string {
  const plain = text.trim()
  if (vartype === 'bool') return SWITCHES.get(plain.toLowerCase()) ?? plain
  if (vartype === 'enum') return plain.toLowerCase()
  const [, number, own = ''] = /^(-?\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(plain) ?? []
  if (number === undefined || (vartype !== 'integer' && vartype !== 'real')) return plain
  if (own === '' || unit === null) return own === '' ? String(Number(number)) : plain
  // A unit may be a number of units: `8kB`.
  const [, times, base = ''] = /^(\d*)(\w+)$/.exec(unit) ?? []
  const scale = base in MEMORY ? MEMORY : TIME
  const from = scale[own]
  const to = scale[base]
  if (from === undefined || to === undefined) return plain
  const value = (Number(number) * from) / (to * Number(times || 1))
  return String(vartype === 'integer' ? Math.round(value) : value)
}

const SWITCHES = new Map([
  ...['on', 'true', 'yes', '1', 't', 'y'].map(word => [word, 'on'] as const),
  ...['off', 'false', 'no', '0', 'f', 'n'].map(word => [word, 'off'] as const),
])
