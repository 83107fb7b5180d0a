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

export interface LabelBox {
  left: number
  top: number
  right: number
  bottom: number
}

export interface LabelRequest {
  x: number
  y: number
  text: string
}

export interface PlacedLabel {
  x: number
  /** Baseline. */
  y: number
  text: string
}

export interface Surroundings {
  bounds: LabelBox
  fontPx: number
  /** Points that a label should not cover if it can be helped. */
  curve: readonly (readonly [number, number])[]
  /** Boxes that it must not touch. */
  taken: readonly LabelBox[]
}

const GAP = 9

/**
 * Puts labels beside their points, the first ones first: inside the bounds, touching no other label, covering as
 * little of the curve as possible. A label that finds no place is left out.
 */
export function placeLabels(requests: readonly LabelRequest[], around: Surroundings): PlacedLabel[] {
  const taken = [...around.taken]
  const placed: PlacedLabel[] = []
  for (const request of requests) {
    const free = candidates(request, around.fontPx).filter(
      (box) => isInside(box, around.bounds) && !taken.some((other) => touches(box, other)),
    )
    const best = leastCovering(free, around.curve)
    if (!best) continue
    taken.push(best)
    placed.push({ x: best.left, y: best.bottom - around.fontPx * 0.25, text: request.text })
  }
  return placed
}

/** Above, below, beside, and then the same farther away. */
function candidates({ x, y, text }: LabelRequest, fontPx: number): LabelBox[] {
  const width = textWidth(text, fontPx)
  const height = fontPx * 1.2
  return [GAP, GAP * 2.5, GAP * 4.5].flatMap((gap) => {
    const tops = { above: y - gap - height, beside: y - height / 2, below: y + gap }
    return [
      [x - width / 2, tops.above],
      [x - width / 2, tops.below],
      [x + gap, tops.beside],
      [x - gap - width, tops.beside],
      [x, tops.above],
      [x - width, tops.above],
      [x, tops.below],
      [x - width, tops.below],
    ].map(([left, top]) => ({ left: left!, top: top!, right: left! + width, bottom: top! + height }))
  })
}

function leastCovering(boxes: readonly LabelBox[], curve: Surroundings['curve']): LabelBox | undefined {
  let best: LabelBox | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (const box of boxes) {
    const covered = curve.filter(([x, y]) =>
      touches(box, { left: x - 2, right: x + 2, top: y - 2, bottom: y + 2 }),
    )
    if (covered.length < fewest) [best, fewest] = [box, covered.length]
  }
  return best
}

function isInside(box: LabelBox, bounds: LabelBox): boolean {
  return (
    box.left >= bounds.left &&
    box.right <= bounds.right &&
    box.top >= bounds.top &&
    box.bottom <= bounds.bottom
  )
}

function touches(a: LabelBox, b: LabelBox): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
