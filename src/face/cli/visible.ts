// Text from a database or a bundle, made harmless for a terminal: what would move the cursor or turn the text around is shown, not obeyed.

/** Controls (Cc), formats such as bidirectional overrides (Cf), line and paragraph separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

const visible = (text: string): string =>
  text.replace(UNSEEN, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** The same value with every text in it made visible. */
export function visibleIn<T>(value: T): T {
  if (typeof value === 'string') return visible(value) as T
  if (Array.isArray(value)) return value.map(visibleIn) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [visible(key), visibleIn(part)])) as T
}
