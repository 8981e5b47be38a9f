// Checks that may fail one by one: what is not permitted or does not answer is skipped and said, the rest goes on.
import { AppError, type Skipped } from '../../model/index.ts'
import { isFatal } from '../account/failure.ts'

export class Attempts {
  readonly skipped: Skipped[] = []
  /** The first permission that was missing. */
  denied: AppError | undefined

  /** Undefined when it was skipped. Throws what makes all else fail as well. */
  async try<T>(check: string, ask: () => Promise<T>, needed = false): Promise<T | undefined> {
    try {
      return await ask()
    } catch (error) {
      this.fail(check, error, needed)
      return undefined
    }
  }

  /** Throws what makes all else fail as well. */
  fail(check: string, error: unknown, needed = false): void {
    if (!(error instanceof AppError) || isFatal(error)) throw error
    if (error.code === 'aws-denied') this.denied ??= error
    else if (needed) throw error
    this.skip(check, error.message)
  }

  skip(check: string, reason: string): void {
    this.skipped.push({ check, reason })
  }
}
