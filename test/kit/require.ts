// Tests of something that may not be installed: skipped by name, or failed where skips are forbidden.
import { describe, expect, test } from 'vitest'

export const describeWith = (name: string, available: boolean, body: () => void): void => {
  if (available) describe(name, body)
  else if (process.env.SPILLWAY_NO_SKIP === '1') {
    test(`${name} is missing`, () => expect(available).toBe(true))
  } else {
    test.skip(`${name} is missing`, () => undefined)
  }
}
