import { FONT, glyphOf } from './stroke-font.ts'

export interface TextStyle {
  /** Of a capital letter, pixels. */
  capHeight: number
  colour: string
  /** Above 1 for headings. */
  weight?: number
}

/** Thinner strokes fall apart on small pictures. Pixels. */
const THINNEST = 1.25
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** How wide a text is, from the first to the last stroke. Pixels. Pure. */
export function strokeTextWidth(text: string, capHeight: number): number {
  return unitWidth(charactersOf(text)) * (capHeight / FONT.capHeight)
}

/** As much of the text as fits, with an ellipsis where it was cut; empty when not even that fits. Pure. */
export function fitStrokeText(text: string, capHeight: number, maxWidth: number): string {
  if (strokeTextWidth(text, capHeight) <= maxWidth) return text
  const characters = charactersOf(text)
  // The longest beginning that fits, by halving: width grows with the length.
  let fits = 0
  let tooLong = characters.length
  while (fits < tooLong - 1) {
    const middle = (fits + tooLong) >> 1
    if (strokeTextWidth(cut(characters, middle), capHeight) <= maxWidth) fits = middle
    else tooLong = middle
  }
  return fits === 0 ? '' : cut(characters, fits)
}

/** A text as strokes, an SVG group; `x` is its left edge and `y` its base line. Pure. */
export function drawStrokeText(text: string, at: { x: number; y: number }, style: TextStyle): string {
  const scale = style.capHeight / FONT.capHeight
  const strokes: string[] = []
  let x = 0
  for (const character of charactersOf(text)) {
    if (character.trim() === '') {
      x += FONT.space
      continue
    }
    const [width, path] = glyphOf(character)
    strokes.push(`<path transform="translate(${round(x)} 0)" d="${path}"/>`)
    x += width + FONT.gap
  }
  const top = at.y - style.capHeight
  const strokeWidth = Math.max(THINNEST / scale, 1.9 * (style.weight ?? 1))
  return `<g transform="translate(${round(at.x)} ${round(top)}) scale(${round(scale)})" fill="none" stroke="${style.colour}" stroke-width="${round(strokeWidth)}" stroke-linecap="round" stroke-linejoin="round">${strokes.join('')}</g>`
}

function unitWidth(characters: readonly string[]): number {
  let width = 0
  for (const character of characters)
    width += character.trim() === '' ? FONT.space : glyphOf(character)[0] + FONT.gap
  return Math.max(0, width - FONT.gap)
}

function cut(characters: readonly string[], length: number): string {
  return `${characters.slice(0, length).join('').trimEnd()}…`
}

/** What people see as characters: an accent that is a code point of its own belongs to its letter. */
function charactersOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
