// Bytes → lines, in bounded memory: a line without an end is cut, not kept.

/** Longest part of a line that is kept, in bytes. Nothing that is looked for here stands further behind. */
const MAX_LINE = 65_536

const [NEWLINE, RETURN, QUOTE] = [10, 13, 34]
const EMPTY = Buffer.alloc(0)

export interface Line {
  /** Without its end; what is no UTF-8 stands as U+FFFD. */
  text: string
  /** Double quotes in the part that was cut off: they say whether a CSV field goes on. */
  quotesLost: number
}

export class Lines {
  #held: Buffer = EMPTY
  #quotesLost = 0

  /** The lines that end in this chunk. The chunk may be overwritten afterwards. */
  push(chunk: Buffer): Line[] {
    const lines: Line[] = []
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#hold(chunk.subarray(start, end))
      lines.push(this.#take())
      start = end + 1
    }
    this.#hold(chunk.subarray(start))
    this.#held = Buffer.from(this.#held)
    return lines
  }

  /** The last line, when it has no end. */
  end(): Line[] {
    return this.#held.length === 0 ? [] : [this.#take()]
  }

  #hold(part: Buffer): void {
    const room = MAX_LINE - this.#held.length
    const kept = part.subarray(0, room)
    this.#held = this.#held.length === 0 ? kept : Buffer.concat([this.#held, kept])
    const lost = part.subarray(room)
    for (let at = lost.indexOf(QUOTE); at >= 0; at = lost.indexOf(QUOTE, at + 1)) this.#quotesLost++
  }

  #take(): Line {
    const held = this.#held
    const text = held.toString('utf8', 0, held.at(-1) === RETURN ? held.length - 1 : held.length)
    const line = { text, quotesLost: this.#quotesLost }
    this.#held = EMPTY
    this.#quotesLost = 0
    return line
  }
}
