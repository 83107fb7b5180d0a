export type XY = readonly [x: number, y: number]

/** Points for an SVG of 1000 by 1000. Pure. */
export function pointsOf(points: readonly XY[]): string {
  return points.map(([x, y]) => `${round(x * 1000)},${round(y * 1000)}`).join(' ')
}

/** How long the mark of a line's direction is. Share of the picture. */
const MARK = 0.05

/**
 * A stroke from the middle of a line to its right: where somebody comes out who crosses it from left to right, as one sees it who stands
 * at `from` and turns towards `to`. Pure.
 */
export function directionMark(from: XY, to: XY): { middle: XY; tip: XY } {
  const middle: XY = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1
  // y grows downwards: the right hand of (dx, dy) is (-dy, dx).
  const right: XY = [-(to[1] - from[1]) / length, (to[0] - from[0]) / length]
  return { middle, tip: [middle[0] + right[0] * MARK, middle[1] + right[1] * MARK] }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
