/** SVG cannot measure or wrap text before it is drawn, so widths are estimated, on the wide side. */

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\u{1f000}-\u{3fffd}]/u
const NARROW = /[.,:;'|!ijl ()[\]]/
const LARGE = /[A-ZMWmw@%—–−+→…]/

/** About how wide a text is in a wide sans-serif face such as DejaVu Sans: narrower faces leave some air. */
export function textWidth(text: string, fontPx: number): number {
  let ems = 0
  for (const character of text) {
    ems += WIDE.test(character) ? 1 : NARROW.test(character) ? 0.34 : LARGE.test(character) ? 0.84 : 0.64
  }
  return ems * fontPx
}

/** The text, or as much of it as fits with an ellipsis. */
export function fitText(text: string, maxPx: number, fontPx: number): string {
  if (textWidth(text, fontPx) <= maxPx) return text
  const graphemes = [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => segment)
  while (graphemes.length > 1 && textWidth(`${graphemes.join('')}…`, fontPx) > maxPx) graphemes.pop()
  return `${graphemes.join('').trimEnd()}…`
}
