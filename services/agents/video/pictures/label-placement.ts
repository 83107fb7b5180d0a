/** A rectangle in pixels. */
export interface Rectangle {
  x: number
  y: number
  width: number
  height: number
}

/**
 * Where a label goes: above the thing, else below it, else inside; to its left edge, else to its right one; moved into
 * the space. The first candidate that covers no label already there and nothing that is to stay readable, or the one that covers the
 * smallest area of them. Pure.
 * @param taken labels that are there already
 * @param readable what somebody wants to see in the picture itself: heads, and where cameras write their own clock
 */
export function placeLabel(
  thing: Rectangle,
  size: { width: number; height: number },
  space: Rectangle,
  taken: readonly Rectangle[],
  readable: readonly Rectangle[] = [],
): Rectangle {
  const above = thing.y - size.height
  const below = thing.y + thing.height
  const right = thing.x + thing.width - size.width
  const candidates = [
    { x: thing.x, y: above },
    { x: right, y: above },
    { x: thing.x, y: below },
    { x: right, y: below },
    { x: thing.x, y: thing.y },
    { x: thing.x, y: below - size.height },
    { x: thing.x + thing.width, y: below - size.height },
    { x: thing.x - size.width, y: below - size.height },
  ]
  let best: Rectangle | undefined
  let minCovered = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const rectangle = moveInto(space, { ...candidate, ...size })
    // A candidate that had to be moved up or down would cover the thing itself: only as good as nothing better.
    const moved = Math.abs(rectangle.y - candidate.y) > 0.5 ? size.width * size.height * 0.5 : 0
    const covered = [...taken, ...readable].reduce((sum, other) => sum + overlap(rectangle, other), moved)
    if (covered < minCovered) {
      best = rectangle
      minCovered = covered
    }
  }
  return best!
}

/** The rectangle, moved so that it is inside; at the upper left edge when it is larger than the space. Pure. */
export function moveInto(space: Rectangle, inner: Rectangle): Rectangle {
  const x = Math.max(space.x, Math.min(inner.x, space.x + space.width - inner.width))
  const y = Math.max(space.y, Math.min(inner.y, space.y + space.height - inner.height))
  return { ...inner, x, y }
}

/** Square pixels that both cover. Pure. */
export function overlap(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  return width > 0 && height > 0 ? width * height : 0
}
