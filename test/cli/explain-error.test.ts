// spillway explain-error as a user has it: arguments, stdin, JSON, refusals, and nothing harmful on the screen.
import { describe, expect, test } from 'vitest'
import { EXIT } from '../../src/model/index.ts'
import { spillway, startSpillway } from '../kit/spillway.ts'
import { expectClean, expectRefusal, parsed, SECRET } from './kit.ts'

const FULL = 'FATAL:  sorry, too many clients already'

interface Answer {
  schema: string
  explanations: { id: string; matchedBy: string; next: { text: string }[] }[]
  nearest: { id: string }[]
}
const answered = (stdout: string) => parsed(stdout) as unknown as Answer

describe.concurrent('explain-error', () => {
  test('of a message', async () => {
    const { code, stdout, stderr } = await spillway(['explain-error', FULL])
    expect({ code, stderr }).toEqual({ code: EXIT.fine, stderr: '' })
    expect(stdout).toContain('slots.pg.toomany')
    expect(stdout).toContain('spillway slots TARGET')
    expectClean(stdout)
  })

  test('of words without quotes', async () => {
    const { code, stdout } = await spillway(['explain-error', 'Too', 'many', 'connections', '--json'])
    expect(code).toBe(EXIT.fine)
    expect(answered(stdout).explanations.map(({ id }) => id)).toEqual(['slots.my.1040', 'slots.my.1040.hard'])
  })

  test('of a code that has several meanings names them all', async () => {
    const [words, data] = await Promise.all([
      spillway(['explain-error', '53300']),
      spillway(['explain-error', '53300', '--json']),
    ])
    const { explanations } = answered(data.stdout)
    expect(explanations.every(({ matchedBy }) => matchedBy === 'code')).toBe(true)
    expect(explanations.length).toBeGreaterThan(5)
    for (const { id } of explanations) expect(words.stdout).toContain(id)
  })

  test('of stdin', async () => {
    const { code, stdout, stderr } = await spillway(['explain-error', '-', '--json'], { input: `${FULL}\n` })
    expect({ code, stderr }).toEqual({ code: EXIT.fine, stderr: '' })
    expect(answered(stdout)).toMatchObject({
      schema: 'spillway/explain-error/v1',
      explanations: [{ id: 'slots.pg.toomany' }, {}],
      nearest: [],
    })
  })

  test('of a long stdin reads its beginning and says so', async () => {
    const { code, stdout, stderr } = await spillway(['explain-error', '-', '--json'], {
      input: `${FULL}\n${'x'.repeat(3_000_000)}`,
    })
    expect(code).toBe(EXIT.fine)
    expect(answered(stdout).explanations[0]?.id).toBe('slots.pg.toomany')
    expect(stderr).toMatch(/\b16384\b/)
  })

  test('of bytes that are no text', async () => {
    const input = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0x1b, 0x5b, 0x32, 0x4a]), Buffer.from(FULL)])
    const { code, stdout, stderr } = await spillway(['explain-error', '-'], { input })
    expect({ code, stderr }).toEqual({ code: EXIT.fine, stderr: '' })
    expectClean(stdout)
  })

  test.each([
    'frobnicated \u001b[2J\u0007 \u202e',
    `postgres://app:${SECRET}@db/app does not frobnicate`,
    'hello',
  ])('of what is not known: %j', async text => {
    const ended = await spillway(['explain-error', text])
    expectRefusal(ended, EXIT.failed)
    expect(ended.stdout).toBe('')
    const asData = await spillway(['explain-error', text, '--json'])
    expectRefusal(asData, EXIT.failed)
    expect(answered(asData.stdout).explanations).toEqual([])
  })

  test('what is near is named', async () => {
    const ended = await spillway(['explain-error', 'to many connection', '--json'])
    expectRefusal(ended, EXIT.failed)
    expect(answered(ended.stdout).nearest[0]?.id).toBe('slots.my.1040')
    expect(ended.stderr).toContain('slots.my.1040')
  })

  test('nothing of the text comes back', async () => {
    const text = `${FULL} \u001b[31m \u202e postgres://app:${SECRET}@db/app`
    const { code, stdout } = await spillway(['explain-error', text])
    expect(code).toBe(EXIT.fine)
    expectClean(stdout)
  })

  test.each([[[]], [['']], [['  ', ' ']]])('without a text: %j', async words => {
    expectRefusal(await spillway(['explain-error', ...words]), EXIT.usage)
  })

  test('with an empty stdin', async () => {
    expectRefusal(await spillway(['explain-error', '-'], { input: '' }), EXIT.usage)
  })

  test('help', async () => {
    const [all, own] = await Promise.all([spillway(['--help']), spillway(['explain-error', '--help'])])
    expect(all.stdout).toMatch(/^ {2}explain-error /m)
    expect(own.code).toBe(EXIT.fine)
  })

  test('is interrupted while it waits for stdin', async () => {
    // The signal may come as soon as somebody listens for it.
    const listens = `process.on('newListener',name=>name==='SIGINT'&&console.error('listens'))`
    const {
      process: child,
      ended,
      says,
    } = startSpillway(['explain-error', '-'], {
      input: null,
      node: ['--import', `data:text/javascript,${encodeURIComponent(listens)}`],
    })
    await says(/listens/)
    child.kill('SIGINT')
    expect((await ended).code).toBe(EXIT.interrupted)
  })
})
