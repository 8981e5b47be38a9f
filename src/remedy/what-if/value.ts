// Values as people write them: numbers, times, sizes.

/** What is asked, and how to say that it makes no sense. */
export interface Asked {
  name: string
  value: string
  refused(problem: string, hint: string): Error
}

/** Throws what `refused` makes. */
export function wholeNumber({ value, refused }: Asked, from: number, to: number): number {
  const n = Number(value)
  if (/^\d+$/.test(value) && n >= from && n <= to) return n
  throw refused('is no whole number in range', `Give ${from} to ${to}.`)
}

const MS: Record<string, number> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 }

/** Milliseconds; a bare number is of the given unit. 0 turns it off. */
export function milliseconds({ value, refused }: Asked, unit: 'ms' | 's'): number {
  const [, digits, suffix] = /^(\d+(?:\.\d+)?)\s*(ms|s|min|h)?$/.exec(value) ?? []
  if (digits !== undefined) return Number(digits) * MS[suffix ?? unit]!
  throw refused('is no time', `Give a number of ${unit}, or with ms, s, min or h.`)
}

const BYTES: Record<string, number> = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** Bytes; `75%` is of the memory, where that is known. */
export function bytes({ value, refused }: Asked, memory: number | undefined): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*(%|KiB|MiB|GiB)?$/.exec(value) ?? []
  if (digits === undefined) throw refused('is no size', 'Give 12GiB, 800MiB, bytes, or 75% of the memory.')
  if (unit !== '%') return Number(digits) * BYTES[unit]!
  if (memory === undefined) throw refused('of what is not known', 'Give a size in GiB.')
  if (Number(digits) >= 100) throw refused('leaves nothing for the rest', 'Give less than 100%.')
  return (memory * Number(digits)) / 100
}
