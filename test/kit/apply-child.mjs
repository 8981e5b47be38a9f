// Applies operations by SQL in a process of its own, which can be made to die at an exact place of its journal.
// argv: module of the engine, URI, journal file, operations as JSON, `never` or `before|after:N` (entries of this process).
import { execute, rollback, sqlActor } from '../../dist/apply/index.js'
import { wallClock } from '../../dist/host/index.js'
import { fileJournal, readRun } from '../../dist/store/index.js'

const [engine, uri, folder, operations, where, verb = 'execute'] = process.argv.slice(2)
const { postgresEngine, postgresTarget, mysqlEngine, mysqlTarget } = {
  ...(await import('../../dist/engine/postgres/index.js')),
  ...(await import('../../dist/engine/mysql/index.js')),
}
const target = engine === 'postgres' ? postgresTarget(uri, {}) : mysqlTarget(uri, {})
const connection = await (engine === 'postgres' ? postgresEngine(target) : mysqlEngine(target)).connect()
const run = 'test-1'
const say = text => process.stdout.write(`${text}\n`)
const file = fileJournal(`${folder}/run/${run}.ndjson`)
let appended = 0
const die = () => process.kill(process.pid, 'SIGKILL')
const journal = {
  append: async entry => {
    appended++
    if (where === `before:${appended}`) die()
    await file.append(entry)
    if (where === `after:${appended}`) die()
  },
}
const actor = sqlActor(async () => connection)
const parts = { actorOf: () => actor, journal, clock: wallClock(), run, say: () => undefined }
const beginning = { hash: 'h', target: 't', who: 'test', title: 'test', operations: JSON.parse(operations) }
const entries = await readRun(folder, run).catch(() => [])
try {
  const applied = await (verb === 'execute'
    ? execute(beginning, entries, parts)
    : rollback(entries, 'asked for', parts))
  say(JSON.stringify({ ...applied, appended }))
} catch (error) {
  say(JSON.stringify({ code: error.code, message: error.message, appended }))
} finally {
  await connection.close()
}
