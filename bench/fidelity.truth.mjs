// A process of its own that looks at the states of backends in the server's shared memory, without rest, and so without a
// statement, a wake-up or a lock: node fidelity.truth.mjs SECONDS BIN_MS RUNNING PID…
// Prints one JSON array: the mean number of active ones in each bin. Linux, x86-64 or arm64, root or the server's own user.
import { openSync, readFileSync, readSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Offset of `st_state` in PgBackendStatus, PostgreSQL 14 to 18 on 64-bit Linux; `st_procpid` is at 4. */
const STATE_AT = 232
const PID_AT = 4
const DYNAMIC_SYMBOLS = 11
const POSITION_INDEPENDENT = 3

/** Reads the state of one backend as the number that the server has for it. */
export const stateOf = (pid, entryPointer = addressOf(pid, 'MyBEEntry')) => {
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  const bytes = Buffer.alloc(8)
  readSync(memory, bytes, 0, 8, entryPointer)
  const entry = Number(bytes.readBigUInt64LE(0))
  readSync(memory, bytes, 0, 4, entry + PID_AT)
  if (bytes.readInt32LE(0) !== pid)
    throw new Error(`the status of backend ${pid} is not where it was looked for`)
  return () => {
    readSync(memory, bytes, 0, 4, entry + STATE_AT)
    return bytes.readInt32LE(0)
  }
}

/** Of a global of the program that a process runs: ELF64, out of its dynamic symbols. */
export const addressOf = (pid, name) => {
  const file = readFileSync(`/proc/${pid}/exe`)
  const [sections, size, count] = [
    Number(file.readBigUInt64LE(40)),
    file.readUInt16LE(58),
    file.readUInt16LE(60),
  ]
  const section = i => {
    const at = sections + i * size
    const [type, link] = [file.readUInt32LE(at + 4), file.readUInt32LE(at + 40)]
    return {
      type,
      link,
      from: Number(file.readBigUInt64LE(at + 24)),
      length: Number(file.readBigUInt64LE(at + 32)),
    }
  }
  const moved = file.readUInt16LE(16) === POSITION_INDEPENDENT
  const base = moved ? Number.parseInt(readFileSync(`/proc/${pid}/maps`, 'latin1').split('-')[0], 16) : 0
  for (let i = 0; i < count; i++) {
    const symbols = section(i)
    if (symbols.type !== DYNAMIC_SYMBOLS) continue
    const names = section(symbols.link).from
    for (let at = symbols.from; at < symbols.from + symbols.length; at += 24) {
      const text = names + file.readUInt32LE(at)
      if (file.toString('latin1', text, text + name.length + 1) === `${name}\0`)
        return base + Number(file.readBigUInt64LE(at + 8))
    }
  }
  throw new Error(`${name} is not among the symbols of the server`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) watch(...process.argv.slice(2).map(Number))

function watch(seconds, binMs, running, ...pids) {
  const pointer = addressOf(pids[0], 'MyBEEntry')
  const states = pids.map(pid => stateOf(pid, pointer))
  const bins = Array.from({ length: Math.ceil((seconds * 1000) / binMs) }, () => ({ looks: 0, active: 0 }))
  const start = performance.now()
  for (;;) {
    const bin = bins[Math.floor((performance.now() - start) / binMs)]
    if (bin === undefined) break
    bin.looks++
    for (const state of states) if (state() === running) bin.active++
  }
  console.log(JSON.stringify(bins.map(({ looks, active }) => (looks > 0 ? active / looks : null))))
}
