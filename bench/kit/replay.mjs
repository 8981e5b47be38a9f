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
  // All that is asked of a session, or only what is new.
  if (name !== '') return bind.includes('-infinity') ? `${name} anew` : name
  const parse = batch.find(message => message[0] === 0x50)
  return parse ? text(parse, 6) : ''
}

/** With counters or without them, the columns of a sample are the same. */
const twinOf = key =>
  key.includes('_counters') ? key.replace('_counters', '') : key.replace('_texts', '_counters_texts')

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

/** Where the first column of each row of a sample stands: the server's clock, epoch microseconds as `1.7…e+15`. */
function clocksOf(answer) {
  const found = []
  for (let at = 0; at + 5 <= answer.length; at += 1 + answer.readUInt32BE(at + 1)) {
    const column = at + 7
    if (answer[at] === 0x44) found.push([column + 4, answer.readUInt32BE(column)])
  }
  return found
}

/** The clock goes on: one that stands still or jumps back makes a sampler read everybody anew. */
function asOfNow(key, answer) {
  if (!key.startsWith('spillway_sample')) return answer
  for (const [from, length] of clocksOf(answer)) {
    const digits = length - '1.e+15'.length
    const now = String(Math.round((performance.timeOrigin + performance.now()) * 1_000))
    answer.write(`1.${now.slice(1, 1 + digits).padEnd(digits, '0')}e+15`, from, 'latin1')
  }
  return answer
}

async function replay() {
  const server = createServer({ noDelay: true }, client => {
    const read = reader(
      () => client.write(greeting),
      batch => {
        const key = keyOf(batch)
        const recorded = answers.get(key) ?? answers.get(twinOf(key))
        if (!recorded) {
          unknown = key
          client.destroy()
          return
        }
        const answer = Buffer.from(asOfNow(key, recorded))
        client.write(isParsed(batch) ? Buffer.concat([PARSE_COMPLETE, answer]) : answer)
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
