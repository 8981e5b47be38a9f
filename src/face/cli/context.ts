// What every verb is given: the app when it asks for it, where to write, and when to stop.
import type { App } from '../../app.ts'
import type { Paint } from './paint.ts'

export interface Context {
  app(): Promise<App>
  /** The answer: stdout. */
  print(text: string): void
  /** Progress, warnings and hints: stderr. */
  tell(text: string): void
  /** Raw, without an end of line: stdout, stderr. */
  write: { out(text: string): void; err(text: string): void }
  paint: Paint
  /** Columns of the terminal, or what a page is wide. */
  columns: number
  /** Whether a line may be rewritten in place. */
  live: boolean
  /** Aborts on Ctrl-C and SIGTERM. */
  signal: AbortSignal
}
