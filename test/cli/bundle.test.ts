// Bundles that cannot be read, from another version, wrong or hostile, as a user meets them: one line, one hint, 65.
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EVIDENCE_SCHEMA, EXIT } from '../../src/model/index.ts'
import { type Member, tarGz } from '../bundle/kit.ts'
import { spillway } from '../kit/spillway.ts'
import { expectRefusal, freshPaths, parsed } from './kit.ts'

const fresh = freshPaths()
const MANIFEST = {
  schema: EVIDENCE_SCHEMA,
  target: { name: 'orders', engine: 'postgres' },
  from: '2026-01-02T03:04:00.000Z',
  to: '2026-01-02T03:04:05.000Z',
  tickMs: 1_000,
}
const manifest = (changed: object = {}): Member => ({
  name: 'evidence/manifest.json',
  body: JSON.stringify({ ...MANIFEST, ...changed }),
})
const SIGNALS = { name: 'evidence/signals.csv', body: 't,aas,connections\n2026-01-02T03:04:00.000Z,1,5\n' }
const WHOLE = tarGz(manifest(), SIGNALS)
const ESCAPES = '\u001b[2J\u001b]0;owned\u0007'

describe.concurrent('a bundle', () => {
  test('that is sound is diagnosed', async () => {
    const file = fresh('bundle.tar.gz')
    await writeFile(file, WHOLE)
    const { code, stdout, stderr } = await spillway(['diagnose', '--from', file, '--json', '--vcpus', '8'])
    expect({ code, stderr }).toEqual({ code: EXIT.fine, stderr: '' })
    expect(parsed(stdout)).toMatchObject({
      target: { name: 'orders', vcpus: 8 },
      outcome: 'insufficient-data',
    })
  })

  test("that is sound becomes a page, which takes nobody's place", async () => {
    const [file, page] = [fresh('bundle.tar.gz'), fresh('report.html')]
    await writeFile(file, WHOLE)
    const asked = (html: string) => spillway(['diagnose', '--from', file, '--html', html])
    expect(await asked(page)).toMatchObject({ code: EXIT.fine, stderr: '' })
    expect(await readFile(page, 'utf8')).toMatch(/^<!doctype html>.*orders.*<\/html>\n$/s)
    const again = await asked(page)
    expect(again.code).toBe(EXIT.usage)
    expect(again.stderr).toContain('exists already')
    const nowhere = await asked(join(page, 'report.html'))
    expect(nowhere.code).toBe(EXIT.failed)
    expect(nowhere.stderr.split('\n')).toHaveLength(3)
  })

  test.each<[string, Buffer]>([
    ['cut off in the middle', WHOLE.subarray(0, WHOLE.length / 2)],
    ['cut off at its end', WHOLE.subarray(0, -1)],
    ['that is empty', Buffer.alloc(0)],
    ['that is no archive', Buffer.from('select 1;\n')],
    ['of another schema version', tarGz(manifest({ schema: 'spillway/evidence/v2' }), SIGNALS)],
    ['of another schema', tarGz(manifest({ schema: `x${ESCAPES}` }), SIGNALS)],
    ['without a manifest', tarGz(SIGNALS)],
    ['whose manifest is no JSON', tarGz({ ...manifest(), body: '{' })],
    ['with a wrong column', tarGz(manifest(), { ...SIGNALS, body: 't,connektions\n' })],
    ['with a wrong column that plays tricks', tarGz(manifest(), { ...SIGNALS, body: `t,${ESCAPES}\n` })],
    ['with a wrong cell', tarGz(manifest(), { ...SIGNALS, body: 't,aas\n2026-01-02T03:04:00.000Z,many\n' })],
    ['with half a line', tarGz(manifest(), { name: 'evidence/probes.ndjson', body: '{"t":"2026-' })],
  ])('%s', async (_, bytes) => {
    const file = fresh('bundle.tar.gz')
    await writeFile(file, bytes)
    const ended = await spillway(['diagnose', '--from', file, '--json'])
    expectRefusal(ended, EXIT.unreadable)
    expect(ended.stdout).toBe('')
  })

  test.each<[string, (goal: string) => Member]>([
    ['climbs out', goal => ({ name: `evidence/../../${goal}` })],
    ['is absolute', goal => ({ name: `/tmp/${goal}` })],
    ['plays tricks', goal => ({ name: `evidence/${ESCAPES}${goal}` })],
    ['is a link', goal => ({ name: 'evidence/signals.csv', type: '2', link: `/tmp/${goal}` })],
  ])('with a member whose name %s', async (_, member) => {
    const goal = `spillway-escape-${process.pid}`
    const file = fresh('bundle.tar.gz')
    await writeFile(file, tarGz(manifest(), { ...member(goal), body: 'owned' }))
    const ended = await spillway(['diagnose', '--from', file])
    expectRefusal(ended, EXIT.unreadable)
    expect(ended.stdout).toBe('')
    for (const folder of ['/tmp', join(file, '..'), join(file, '../..'), '.'])
      expect(existsSync(join(folder, goal))).toBe(false)
  })

  test('that is not there, or no bundle at all', async () => {
    expectRefusal(await spillway(['diagnose', '--from', fresh('nothing')]), EXIT.unreadable)
    expectRefusal(await spillway(['diagnose', '--from', `${fresh('nothing')}${ESCAPES}`]), EXIT.unreadable)
    const folder = fresh('empty')
    await mkdir(folder)
    expectRefusal(await spillway(['diagnose', '--from', folder]), EXIT.unreadable)
    expectRefusal(await spillway(['diagnose', '--from', '/dev/zero']), EXIT.unreadable)
    expectRefusal(await spillway(['diagnose', '--from', '']), EXIT.unreadable)
  })
})
