// The facts themselves: one name each, a source each, and patterns that cannot run away.
import { describe, expect, test } from 'vitest'
import { ADVICE } from './advice.ts'
import { SYMPTOMS } from './data/index.ts'
import { codesOf } from './reading.ts'
import { LAYERS } from './symptom.ts'

describe('every symptom', () => {
  test('has a name of its own', () => {
    const ids = SYMPTOMS.map(({ id }) => id)
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
  })

  test.each(SYMPTOMS.map(symptom => [symptom.id, symptom] as const))('%s is told in full', (_, symptom) => {
    const { messages, failed, causes, source, text, alone, engines } = symptom
    for (const words of [...messages, failed, source, ...causes.map(cause => cause.text)]) {
      expect(words).toMatch(/^\S.*\S$/)
    }
    expect(messages.length * causes.length * engines.length).toBeGreaterThan(0)
    expect(text ?? alone).toBeDefined()
    expect(ADVICE[symptom.layer].open).not.toBe('')
  })

  test('has somewhere to look next, on every engine it is for', () => {
    const nowhere = SYMPTOMS.filter(({ layer, engines }) => {
      const { next, nextOn } = ADVICE[layer]
      return next.length === 0 && engines.some(engine => !nextOn?.[engine]?.length)
    })
    expect(nowhere.map(({ id }) => id)).toEqual([])
  })
})

test('every layer has a symptom', () => {
  const used = new Set(SYMPTOMS.map(({ layer }) => layer))
  expect(Object.keys(LAYERS).filter(layer => !used.has(layer as keyof typeof LAYERS))).toEqual([])
})

test('codes are of a known form', () => {
  const form = /^(?:[0-9A-Z]{5}|\d{4}|E[A-Z_]+|ER_[A-Z_]+|CR_[A-Z_]+|P\d{4}|[A-Z]\w+(?:::\w+)?)$/
  expect(SYMPTOMS.flatMap(codesOf).filter(code => !form.test(code))).toEqual([])
})

/**
 * What a pattern can cost: every start takes a bounded number of steps, so that the time is in proportion to the text.
 * That needs a bound on every repetition, and no repetition within another.
 */
describe('every pattern', () => {
  const patterns = SYMPTOMS.flatMap(({ id, text }) => (text ? [[id, text] as const] : []))

  test.each(patterns)('%s is bounded', (_, { source }) => {
    const bare = source.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'c')
    expect(bare).not.toMatch(/[*+]|\{\d+,\}/)
    expect(bare).not.toMatch(/\)\{/)
    const bounds = [...bare.matchAll(/\{\d+,(\d+)\}/g)].map(match => Number(match[1]))
    expect(bounds.reduce((product, bound) => product * bound, 1)).toBeLessThanOrEqual(300)
  })

  test.each(patterns)('%s ignores case and keeps no place', (_, { flags }) => {
    expect(flags).toBe('i')
  })
})
