import type { Pixels } from './pixels.ts'
import { encodeView, VIEW, VIEW_CELLS } from './view.ts'

/** Points of a cell that are looked at, across and down. */
const POINTS = 4
/** Weaker edges (levels of brightness from point to point) are the noise of the sensor. */
const NOISE = 2
/** Edges of this strength (levels of brightness from point to point) fill a cell, unless the picture has much stronger ones. */
const FULL_EDGE = 24

/** What the whole picture shows. Pure. */
export function measureView({ header, planes }: Pixels): string {
  const { width: stride, contentWidth, contentHeight } = header
  const columns = VIEW.columns * POINTS
  const rows = VIEW.rows * POINTS
  // Green is the first plane, and nearest to brightness.
  const light = new Float32Array(columns * rows)
  for (let row = 0; row < rows; row++) {
    const line = Math.floor(((row + 0.5) * contentHeight) / rows) * stride
    for (let column = 0; column < columns; column++)
      light[row * columns + column] = planes[line + Math.floor(((column + 0.5) * contentWidth) / columns)]!
  }
  const edges = new Float64Array(VIEW_CELLS)
  for (let row = 0; row < rows - 1; row++)
    for (let column = 0; column < columns - 1; column++) {
      const i = row * columns + column
      const edge = Math.abs(light[i + 1]! - light[i]!) + Math.abs(light[i + columns]! - light[i]!)
      edges[Math.floor(row / POINTS) * VIEW.columns + Math.floor(column / POINTS)]! +=
        edge / (POINTS * POINTS)
    }
  for (let i = 0; i < edges.length; i++) edges[i] = Math.max(0, edges[i]! - NOISE)
  const full = Math.max(FULL_EDGE, edges.toSorted()[Math.floor(0.95 * VIEW_CELLS)]!)
  // The root, so that one bright edge is not all there is.
  return encodeView(
    Uint8Array.from(edges, (edge) => Math.min(VIEW.levels, Math.round(VIEW.levels * Math.sqrt(edge / full)))),
  )
}
