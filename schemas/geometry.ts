import { z } from 'zod'

/** A share of the picture's width or height: 0 is left or top, 1 is right or bottom. The same for every size of it. */
const share = z.number().min(0).max(1)

/** [x, y] as shares of the picture. */
export const pointSchema = z.tuple([share, share])
export type Point = z.infer<typeof pointSchema>

/** Corners in order, not repeated at the end; at least a triangle. */
export const polygonSchema = z
  .array(pointSchema)
  .min(3, { error: 'a polygon needs at least three points' })
  .max(64)
  .refine((points) => Math.abs(doubleArea(points)) > 1e-6, { error: 'the polygon encloses no area' })
export type Polygon = z.infer<typeof polygonSchema>

/** [left, top, right, bottom] as shares of the picture. */
export const boxSchema = z
  .tuple([share, share, share, share])
  .refine(([left, top, right, bottom]) => left <= right && top <= bottom, {
    error: 'a box is [left, top, right, bottom]',
  })
export type Box = z.infer<typeof boxSchema>

/** Twice the signed area (shoelace formula). */
function doubleArea(points: readonly Point[]): number {
  return points.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length]!
    return sum + x * nextY - nextX * y
  }, 0)
}

export const polygonExample: Polygon = [
  [0.1, 0.5],
  [0.4, 0.5],
  [0.4, 0.9],
  [0.1, 0.9],
]
