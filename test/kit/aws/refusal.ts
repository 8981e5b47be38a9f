// What AWS throws, in the form of each protocol.

/** Thrown by the parts of the fake; the wire turns it into an answer. */
export class Refusal extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

export const invalid = (message: string): Refusal => new Refusal('InvalidParameterValue', message)

export const asJson = ({ code, message }: Refusal): string => JSON.stringify({ __type: code, message })

export const asQuery = ({ code, message }: Refusal): string =>
  `<ErrorResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error><RequestId>0</RequestId></ErrorResponse>`

export const asEc2 = ({ code, message }: Refusal): string =>
  `<Response><Errors><Error><Code>${code}</Code><Message>${escaped(message)}</Message></Error></Errors><RequestID>0</RequestID></Response>`

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
