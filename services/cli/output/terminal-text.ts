import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'

/** Control characters of both ranges, and marks that turn the direction of text around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g
/** Text whose columns are its characters: most of it. */
const ASCII = /^[\x20-\x7e]*$/
/** A colour or another style, as `paint` writes it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const STYLE = /(\u001b\[[\d;]*m)/
const INDENT = '  '
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Text from tasks and agents on one line, with nothing in it that a terminal would act upon. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(UNPRINTABLE, ' ')
}

/** Columns that a text takes on a terminal: two a CJK character or an emoji, none a combining mark or a style. */
export function displayWidth(text: string): number {
  return ASCII.test(text) ? text.length : stringWidth(text)
}

/**
 * At most so many columns, the last one an ellipsis where something was cut: between graphemes, so that it may be a column less.
 * Styles stay, those behind the cut too: they end what began before it.
 */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  if (width < 1) return ''
  let left = width - 1
  let isCut = false
  return text
    .split(STYLE)
    .map((part, i) => {
      // Every other part is a style.
      if (i % 2 === 1) return part
      if (isCut) return ''
      let taken = ''
      for (const { segment } of graphemes.segment(part)) {
        const columns = stringWidth(segment)
        if (columns > left) {
          isCut = true
          return `${taken}…`
        }
        left -= columns
        taken += segment
      }
      return taken
    })
    .join('')
}

/** With blanks up to so many columns, behind it or, aligned right, before it. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return align === 'right' ? blanks + text : text + blanks
}

/** Text as lines of at most so many columns, broken between words, each indented by two; one line without a width. */
export function wrap(text: string, width: number | undefined): string[] {
  const room = (width ?? Number.POSITIVE_INFINITY) - INDENT.length
  const lines: { text: string; columns: number }[] = []
  for (const word of text.split(' ')) {
    const columns = displayWidth(word)
    const last = lines.at(-1)
    if (last && last.columns + 1 + columns <= room) {
      last.text += ` ${word}`
      last.columns += 1 + columns
    } else lines.push({ text: word, columns })
  }
  return lines.map((line) => `${INDENT}${line.text}`)
}
