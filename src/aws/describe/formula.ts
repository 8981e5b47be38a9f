// Values of RDS parameters that are formulas: `LEAST({DBInstanceClassMemory/9531392},5000)`.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ParamValuesRef.html

/** By name as AWS writes it; names are case-sensitive. */
export type FormulaVariables = Partial<
  Record<'AllocatedStorage' | 'DBInstanceClassMemory' | 'DBInstanceVCPU', number>
>

/** The whole number a formula comes to; undefined when it is no formula of numbers or a variable is not known. */
export function evaluate(formula: string, variables: FormulaVariables): number | undefined {
  if (formula.replace(TOKEN, '').trim() !== '') return undefined
  const tokens = formula.match(TOKEN) ?? []
  const reader = { tokens, at: 0, variables }
  const value = sum(reader)
  return value === undefined || reader.at < tokens.length || !Number.isFinite(value)
    ? undefined
    : Math.trunc(value)
}

const TOKEN = /[A-Za-z]\w*|\d+(?:\.\d+)?|[{}(),*/+-]/g

interface Reader {
  tokens: string[]
  at: number
  variables: FormulaVariables
}

type Read = (reader: Reader) => number | undefined

/** Operators of one strength, from left to right. */
const chain =
  (operand: Read, operators: Record<string, (a: number, b: number) => number>): Read =>
  reader => {
    let value = operand(reader)
    for (;;) {
      const operator = operators[reader.tokens[reader.at] ?? '']
      if (!operator || value === undefined) return value
      reader.at++
      const right = operand(reader)
      value = right === undefined ? undefined : operator(value, right)
    }
  }

const product = chain(reader => term(reader), { '*': (a, b) => a * b, '/': (a, b) => a / b })

const sum = chain(product, { '+': (a, b) => a + b, '-': (a, b) => a - b })

const term: Read = reader => {
  const token = reader.tokens[reader.at++] ?? ''
  if (/^\d/.test(token)) return Number(token)
  if (token === '{' || token === '(') {
    const inner = sum(reader)
    const closed = reader.tokens[reader.at++] === (token === '{' ? '}' : ')')
    // A quotient in braces is truncated: https://docs.aws.amazon.com/…/USER_ParamValuesRef.html
    return !closed || inner === undefined ? undefined : token === '{' ? Math.trunc(inner) : inner
  }
  const call = FUNCTIONS.get(token.toLowerCase())
  if (!call)
    return Object.hasOwn(reader.variables, token)
      ? reader.variables[token as keyof FormulaVariables]
      : undefined
  return reader.tokens[reader.at++] === '(' ? argumentsOf(reader, call) : undefined
}

function argumentsOf(reader: Reader, call: (values: number[]) => number): number | undefined {
  const values: number[] = []
  for (;;) {
    const value = sum(reader)
    if (value === undefined) return undefined
    values.push(value)
    const next = reader.tokens[reader.at++]
    if (next === ')') return call(values)
    if (next !== ',') return undefined
  }
}

/** Names of functions are not case-sensitive; the logarithm is to the base 2. */
const FUNCTIONS = new Map<string, (values: number[]) => number>([
  ['least', values => Math.min(...values)],
  ['greatest', values => Math.max(...values)],
  ['sum', values => values.reduce((total, value) => total + value, 0)],
  ['log', ([value = Number.NaN]) => Math.log2(value)],
])
