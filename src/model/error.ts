// The mistakes an operator can make and the ways a target can be out of reach: one line, one hint, one exit code.

export const EXIT = {
  fine: 0,
  failed: 1,
  findings: 2,
  unreachable: 3,
  denied: 4,
  rolledBack: 5,
  rollbackIncomplete: 6,
  usage: 64,
  unreadable: 65,
  interrupted: 130,
} as const

const EXIT_OF = {
  'target-missing': EXIT.usage,
  'target-unparsable': EXIT.usage,
  'option-invalid': EXIT.usage,
  'file-exists': EXIT.usage,
  'bundle-missing': EXIT.unreadable,
  'bundle-unreadable': EXIT.unreadable,
  'bundle-schema': EXIT.unreadable,
  'bundle-invalid': EXIT.unreadable,
  'bundle-hostile': EXIT.unreadable,
  'plan-unreadable': EXIT.unreadable,
  'plan-edited': EXIT.unreadable,
  'log-unreadable': EXIT.unreadable,
  'authority-unreadable': EXIT.unreadable,
  'host-unknown': EXIT.unreachable,
  unreachable: EXIT.unreachable,
  'no-answer': EXIT.unreachable,
  'not-this-engine': EXIT.unreachable,
  'version-unsupported': EXIT.unreachable,
  'no-free-slot': EXIT.unreachable,
  'not-ready': EXIT.unreachable,
  'database-unknown': EXIT.unreachable,
  'connection-lost': EXIT.unreachable,
  'tls-failed': EXIT.unreachable,
  denied: EXIT.denied,
  'instance-unknown': EXIT.unreachable,
  'aws-refused': EXIT.unreachable,
  'aws-denied': EXIT.denied,
  'credentials-missing': EXIT.denied,
  'secret-unreadable': EXIT.denied,
  'privilege-missing': EXIT.denied,
  'setting-unknown': EXIT.usage,
  'plan-stale': EXIT.unreadable,
  'plan-elsewhere': EXIT.unreadable,
  'plan-impossible': EXIT.usage,
  'step-refused': EXIT.failed,
  'not-in-time': EXIT.failed,
  'run-unknown': EXIT.usage,
  locked: EXIT.failed,
  'binaries-missing': EXIT.failed,
  'server-not-started': EXIT.failed,
  'file-unwritable': EXIT.failed,
  'symptom-unknown': EXIT.failed,
} as const

export type ErrorCode = keyof typeof EXIT_OF

/** An expected failure that ends a command: `message` says what, `hint` what to do about it. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly hint: string

  constructor(code: ErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'AppError'
    this.code = code
    this.hint = hint
  }

  get exit(): number {
    return EXIT_OF[this.code]
  }
}
