/** Markup that is safe to insert as it is: only `html` makes it. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type Insertable = Markup | string | number | false | null | undefined | readonly Insertable[]

/**
 * A template of HTML or SVG: whatever is inserted is escaped, for text and quoted attributes alike, unless it is
 * Markup itself. Arrays are joined; false, null and undefined vanish.
 */
export function html(strings: TemplateStringsArray, ...values: Insertable[]): Markup {
  let text = strings[0]!
  for (const [position, value] of values.entries()) text += inserted(value) + strings[position + 1]!
  return new Markup(text)
}

function inserted(value: Insertable): string {
  if (value instanceof Markup) return value.text
  if (value === false || value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? escapeText(value) : value.map(inserted).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** What needs nothing: most of the numbers, names and coordinates of a page. */
const PLAIN = /^[\n\t !#$(-;=?-~]*$/

/**
 * Escapes text. Control characters and halves of surrogate pairs, which HTML does not allow, become U+FFFD, and
 * direction overrides, which could make the text around them read backwards, are dropped.
 */
export function escapeText(text: string): string {
  if (PLAIN.test(text)) return text
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd')
      .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
      // A number and its per cent sign stay on one line.
      .replace(/(\d) %/g, '$1\u00a0%')
      .replace(/[&<>"']/g, (character) => ENTITIES[character]!)
  )
}
