import { textWidth } from './text-fit.ts'

export interface Box {
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
  bounds: Box
  fontPx: number
  /** Points that a label should not cover if it can be helped. */
  curve: readonly (readonly [number, number])[]
  /** Boxes that it must not touch. */
  taken: readonly Box[]
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
function candidates({ x, y, text }: LabelRequest, fontPx: number): Box[] {
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

function leastCovering(boxes: readonly Box[], curve: Surroundings['curve']): Box | undefined {
  let best: Box | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (const box of boxes) {
    const covered = curve.filter(([x, y]) =>
      touches(box, { left: x - 2, right: x + 2, top: y - 2, bottom: y + 2 }),
    )
    if (covered.length < fewest) [best, fewest] = [box, covered.length]
  }
  return best
}

function isInside(box: Box, bounds: Box): boolean {
  return (
    box.left >= bounds.left &&
    box.right <= bounds.right &&
    box.top >= bounds.top &&
    box.bottom <= bounds.bottom
  )
}

function touches(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
