// The Query protocols: members of a form as an object, and an answer as XML.

export type Value = string | number | boolean | Date | undefined | Value[] | { [name: string]: Value }

/** `Filters.Filter.1.Name=x` as `{Filters: {Filter: {1: {Name: 'x'}}}}`. */
export function formOf(body: string): Record<string, Value> {
  const form: Record<string, Value> = {}
  for (const [path, value] of new URLSearchParams(body)) {
    const names = path.split('.')
    let at = form
    for (const name of names.slice(0, -1)) {
      at[name] ??= {}
      at = at[name] as Record<string, Value>
    }
    at[names.at(-1)!] = value
  }
  return form
}

/** Elements of a list that the form spells out with numbers. */
export const listOf = (value: Value): Value[] =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)
    ? Object.entries(value)
        .filter(([name]) => /^\d+$/.test(name))
        .sort(([a], [b]) => Number(a) - Number(b))
        .map(([, item]) => item)
    : []

/** A list stands as its elements, each named as `items` says for the list's own name, else `member`. */
export function xmlOf(value: Value, items: Record<string, string>, name = ''): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) {
    const item = items[name] ?? 'member'
    return value.map(one => `<${item}>${xmlOf(one, items)}</${item}>`).join('')
  }
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([key, one]) => (one === undefined ? '' : `<${key}>${xmlOf(one, items, key)}</${key}>`))
      .join('')
  return String(value).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}
