// A peer that gives the answers of a real PostgreSQL again, to many clients, for next to nothing: forked by collector.bench.mjs.
// A thousand real backends take more than a machine has that the observer runs on as well.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** By what was asked: the statement's name or text. The answer is without ParseComplete. */
const answers = new Map()
/** The first one: what it says of the process goes with the answers. */
let greeting
let unknown

const PARSE_COMPLETE = Buffer.from([0x31, 0, 0, 0, 4])

/** What one client sent is a start-up message, then messages of type, length, body. A batch ends with Sync or Query. */
function reader(onStart, onBatch) {
  let [held, started, batch] = [Buffer.alloc(0), false, []]
  return chunk => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    for (;;) {
      const head = started ? 1 : 0
      if (held.length < head + 4 || held.length < head + held.readUInt32BE(head)) return
      const end = head + held.readUInt32BE(head)
      const message = held.subarray(0, end)
      held = held.subarray(end)
      if (!started) {
        started = true
        onStart()
        continue
      }
      batch.push(message)
      if (message[0] !== 0x53 && message[0] !== 0x51) continue
      onBatch(batch)
      batch = []
    }
  }
}

const text = (message, from) => message.toString('utf8', from, message.indexOf(0, from))

/** Bind names the statement after the portal; an unnamed one is known by its text. */
function keyOf(batch) {
  const query = batch.find(message => message[0] === 0x51)
  if (query) return text(query, 5)
  const bind = batch.find(message => message[0] === 0x42)
  const name = bind ? text(bind, 6 + text(bind, 5).length) : ''
  if (name !== '') return name
  const parse = batch.find(message => message[0] === 0x50)
  return parse ? text(parse, 6) : ''
}

const isParsed = batch => batch.some(message => message[0] === 0x50)

/** Whether the last message is ReadyForQuery. */
const isWhole = answer =>
  answer.length >= 6 && answer.at(-6) === 0x5a && answer.readUInt32BE(answer.length - 5) === 5

/** Stands between a real server and one client at a time, and remembers. */
async function record(host, port) {
  const server = createServer(client => {
    const upstream = connect(port, host)
    let [asked, answer] = [undefined, Buffer.alloc(0)]
    upstream.on('data', chunk => {
      client.write(chunk)
      answer = Buffer.concat([answer, chunk])
      if (!isWhole(answer)) return
      if (asked === undefined) greeting ??= answer
      else if (answers.get(asked.key) === undefined || !asked.parsed)
        answers.set(asked.key, asked.parsed ? answer.subarray(PARSE_COMPLETE.length) : answer)
      answer = Buffer.alloc(0)
    })
    const read = reader(
      () => undefined,
      batch => {
        asked = { key: keyOf(batch), parsed: isParsed(batch) }
      },
    )
    client.on('data', chunk => {
      read(chunk)
      upstream.write(chunk)
    })
    client.on('close', () => upstream.destroy()).on('error', () => undefined)
    upstream.on('close', () => client.destroy()).on('error', () => undefined)
  })
  return listening(server)
}

async function replay() {
  const server = createServer({ noDelay: true }, client => {
    const read = reader(
      () => client.write(greeting),
      batch => {
        const answer = answers.get(keyOf(batch))
        if (!answer) {
          unknown = keyOf(batch)
          client.destroy()
        } else client.write(isParsed(batch) ? Buffer.concat([PARSE_COMPLETE, answer]) : answer)
      },
    )
    client.on('data', read).on('error', () => undefined)
  })
  return listening(server)
}

async function listening(server) {
  server.listen({ port: 0, host: '127.0.0.1', backlog: 2_000 })
  await once(server, 'listening')
  return server.address().port
}

process.on('message', async ({ ask, host, port }) => {
  if (ask === 'record') process.send({ port: await record(host, port) })
  if (ask === 'replay') process.send({ port: await replay() })
  if (ask === 'cost') process.send({ ...process.cpuUsage(), unknown })
})
