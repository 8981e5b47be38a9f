// spillway explain-error: what an error text or code proves, what it leaves open, and where to look. Asks no database.
import { addAbortSignal } from 'node:stream'
import { AppError, EXIT } from '../../../model/index.ts'
import type { Context } from '../context.ts'
import { json } from '../json.ts'
import { entry, wrap } from '../paint.ts'
import { engineName } from '../words.ts'

/** Characters of stdin after which no more is taken. */
const STDIN_MAX = 65_536
/** Candidates that are named below the best one. */
const OTHERS_MAX = 6

export async function explainError(
  context: Context,
  words: string[],
  options: { json?: boolean },
): Promise<number> {
  const text = words.join(' ') === '-' ? await typed(context) : words.join(' ')
  if (text.trim() === '') throw new AppError('option-invalid', 'there is no text to explain', HOW)
  const app = await context.app()
  const { explanations, nearest, readTo } = await app.explainError(text)
  if (text.length > readTo) context.tell(`Only the first ${readTo} characters were read.`)
  if (options.json) context.print(json({ schema: 'spillway/explain-error/v1', explanations, nearest }))
  const [best, ...others] = explanations
  if (!best) {
    const hint =
      nearest.length === 0
        ? HOW
        : `nearest: ${nearest.map(({ id, message }) => `${id} “${message}”`).join(' · ')}`
    throw new AppError('symptom-unknown', 'nothing in this text is a known error of a connection', hint)
  }
  if (!options.json) context.print(answer(best, others, context).join('\n'))
  return EXIT.fine
}

const HOW =
  'give the whole line with its code, as the driver or the log has it: spillway explain-error "…", or - for stdin'

async function typed({ signal, tell }: Context): Promise<string> {
  if (process.stdin.isTTY) tell('Paste the text; end it with Ctrl-D.')
  let text = ''
  const input = addAbortSignal(signal, process.stdin.setEncoding('utf8'))
  for await (const chunk of input) {
    text += chunk
    if (text.length > STDIN_MAX) break
  }
  return text
}

type App = Awaited<ReturnType<Context['app']>>
type Explanation = Awaited<ReturnType<App['explainError']>>['explanations'][number]

function answer(best: Explanation, others: Explanation[], context: Context): string[] {
  if (others.length === 0) return page(best, context)
  const all = [best, ...others]
  if (all.every(({ matchedBy }) => matchedBy === 'code')) return choice(all, context)
  return [...page(best, context), ...also(others, context)]
}

function page(e: Explanation, { paint: p, columns }: Context): string[] {
  const line = (label: string, text: string) => entry(label, text, columns)
  const listed = (label: string, items: readonly string[]) =>
    items.map((item, i) => line(i === 0 ? label : '', item))
  const engines = e.engines.map(engineName).join(', ')
  return [
    `${p.bold(e.id)}  ${e.layer}: ${e.layerMeans}`,
    ...(e.matchedBy === 'code'
      ? [p.yellow('Known by its code alone: the wording is another, or there was none.')]
      : []),
    '',
    line('Said by', `${e.emittedBy} (${engines})`),
    ...listed(
      'As',
      e.messages.map(message => `“${message}”`),
    ),
    ...listed('Codes', e.codes.length === 0 ? [] : [[...e.codes, e.sqlstate].filter(Boolean).join(' ')]),
    '',
    line('Worked', e.provesFine.length > 0 ? e.provesFine.join(', ') : 'nothing is proved to have worked'),
    line('Failed', p.red(e.provesFailed)),
    line('Not proved', e.doesNotProve),
    '',
    ...listed(
      'Possible',
      e.causes.map(({ code, text }) => (code ? `${text} ${p.dim(`[${code}]`)}` : text)),
    ),
    '',
    // Commands are not broken into lines: they are there to be copied.
    ...e.next.map(({ by, text }, i) => `${(i === 0 ? 'Look at' : '').padEnd(15)}${ON[by]}${p.cyan(text)}`),
    ...(e.note ? ['', line('Note', e.note)] : []),
    '',
    p.dim(line('Source', e.source)),
  ]
}

const ON = { spillway: '', sql: 'SQL: ', pooler: 'PgBouncer: ', shell: '$ ' } as const

/** A code that several have proves only what all of them prove. */
function choice(all: Explanation[], context: Context): string[] {
  const { paint: p, columns } = context
  const common = all[0]!.provesFine.filter(fine => all.every(({ provesFine }) => provesFine.includes(fine)))
  return [
    p.yellow(`${all.length} errors have this code, and no words tell which one it is.`),
    '',
    entry('Worked', common.length > 0 ? common.join(', ') : 'nothing that all of them prove', columns),
    '',
    ...all.flatMap(one => named(one, context)),
    '',
    'Give the words beside the code to be told which.',
  ]
}

function also(others: Explanation[], context: Context): string[] {
  const rest = others.length - OTHERS_MAX
  return [
    '',
    'Also in it, or said in the same words:',
    ...others.slice(0, OTHERS_MAX).flatMap(one => named(one, context)),
    ...(rest > 0 ? [`  and ${rest} more (--json has them all)`] : []),
  ]
}

const named = ({ id, messages, provesFailed }: Explanation, { paint: p, columns }: Context): string[] => [
  `  ${p.bold(id)}  ${wrap(provesFailed, columns, 4)}`,
  p.dim(`    ${wrap(`“${messages[0]}”`, columns, 4)}`),
]
