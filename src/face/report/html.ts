// Markup out of untrusted text: whatever a template is handed is escaped, unless a template made it.

/** Markup that is safe to send. A class, so that no object out of a file can pass for it. */
export class Html {
  readonly markup: string

  constructor(markup: string) {
    this.markup = markup
  }
}

export type Content = Html | string | number | false | undefined | readonly Content[]

/** A template whose values are escaped; nested markup and lists of it are kept, `false` and `undefined` are nothing. */
export const html = (parts: TemplateStringsArray, ...values: Content[]): Html =>
  new Html(parts.reduce((all, part, i) => all + render(values[i - 1]) + part))

function render(value: Content): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.markup
  if (Array.isArray(value)) return value.map(render).join('')
  return escapeText(String(value))
}

/** Escapes for text and for quoted attributes; characters that are invisible or turn the text around are shown. */
export const escapeText = (text: string): string => text.replace(UNSAFE, c => ENTITIES[c] ?? picture(c))

// Controls other than tab and line feed, lone surrogates, and the bidi controls that can make text read as another.
const UNSAFE = /[&<>"']|[^\P{Cc}\t\n]|\p{Cs}|\p{Bidi_Control}/gu

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** The control pictures of Unicode (␀ … ␟, ␡); everything else becomes the replacement character. */
function picture(c: string): string {
  const code = c.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return code === 0x7f ? '\u2421' : '\ufffd'
}
