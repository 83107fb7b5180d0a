type Point = readonly [number, number, number]

/** A part of a face: shares along it and up it. */
export interface PanePlace {
  from: number
  to: number
  low: number
  high: number
}

/** A part of a four-cornered face, two centimetres before it. */
export function paneOf(
  corners: readonly [Point, Point, Point, Point],
  { from, to, low, high }: PanePlace,
  inside: Point,
): [Point, Point, Point, Point] {
  const [a, b, c, d] = corners
  const at = (s: number, t: number): Point => {
    const point = [0, 1, 2].map((k) => {
      const bottom = a[k]! + (b[k]! - a[k]!) * s
      const upper = d[k]! + (c[k]! - d[k]!) * s
      return bottom + (upper - bottom) * t
    })
    const away = [point[0]! - inside[0], 0.1, point[2]! - inside[2]] as const
    const scale = 0.02 / Math.hypot(...away)
    return [point[0]! + away[0] * scale, point[1]! + away[1] * scale, point[2]! + away[2] * scale]
  }
  return [at(from, low), at(to, low), at(to, high), at(from, high)]
}
