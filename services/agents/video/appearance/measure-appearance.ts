import type { Box } from '#schemas/geometry.ts'
import { encodeAppearance, LOOK, LOOK_BYTES } from './appearance.ts'
import type { Pixels } from './pixels.ts'

/** Smaller boxes have too few pixels to go by. */
const MIN_WIDTH = 6
const MIN_HEIGHT = 10
/** Points looked at, at most, across and down: a box of any size costs the same. */
const POINTS = 18
/** Beside an object its box shows what is behind it: this share of its width is left out on both sides. */
const SIDE = 0.15
/** Saturation below the first is grey, above the second a colour. */
const SATURATION = { grey: 0.15, colour: 0.45 } as const
/** Brightness beside that of the whole box: below is dark, above is light. */
const GREY = { dark: 0.65, light: 1.35 } as const

/** The look of what is in a box (shares of the source's picture); undefined when it is too small. Pure. */
export function measureAppearance({ header, planes }: Pixels, box: Box): string | undefined {
  const { width: stride, contentWidth, contentHeight } = header
  const boxWidth = (box[2] - box[0]) * contentWidth
  const boxHeight = (box[3] - box[1]) * contentHeight
  if (boxWidth < MIN_WIDTH || boxHeight < MIN_HEIGHT) return undefined
  const columns = Math.min(POINTS, Math.floor(boxWidth))
  const rows = Math.min(POINTS, Math.floor(boxHeight))
  const plane = stride * contentHeight
  const left = box[0] * contentWidth + SIDE * boxWidth
  const stepX = ((1 - 2 * SIDE) * boxWidth) / columns
  const stepY = boxHeight / rows
  const light = new Float64Array(rows * columns)
  const points = new Int32Array(rows * columns)
  let mean = 0
  for (let row = 0; row < rows; row++) {
    const y = Math.min(contentHeight - 1, Math.floor(box[1] * contentHeight + (row + 0.5) * stepY))
    for (let column = 0; column < columns; column++) {
      const x = Math.min(contentWidth - 1, Math.floor(left + (column + 0.5) * stepX))
      const at = y * stride + x
      const i = row * columns + column
      points[i] = at
      // Planes are green, blue, red.
      light[i] = 0.59 * planes[at]! + 0.11 * planes[plane + at]! + 0.3 * planes[2 * plane + at]!
      mean += light[i]! / (rows * columns)
    }
  }
  const sums = new Float64Array(LOOK_BYTES)
  for (let i = 0; i < points.length; i++) {
    const band = bandOf(Math.floor(i / columns), rows)
    const at = points[i]!
    addColour(
      sums,
      band,
      [planes[2 * plane + at]!, planes[at]!, planes[plane + at]!],
      light[i]! / (mean || 1),
    )
  }
  addEdges(sums, light, { rows, columns })
  return encodeAppearance(normalised(sums))
}

function bandOf(row: number, rows: number): number {
  return Math.min(LOOK.bands - 1, Math.floor((row * LOOK.bands) / rows))
}

function addColour(
  sums: Float64Array,
  band: number,
  [red, green, blue]: readonly [number, number, number],
  brightness: number,
): void {
  const most = Math.max(red, green, blue)
  const spread = most - Math.min(red, green, blue)
  const saturation = spread / (most + 16)
  const colour = Math.min(
    1,
    Math.max(0, (saturation - SATURATION.grey) / (SATURATION.colour - SATURATION.grey)),
  )
  const first = band * (LOOK.hues + LOOK.greys)
  if (colour > 0) {
    // Shared by the two nearest hues: a little more of a colour changes little.
    const hue = (hueOf(red, green, blue, most, spread) / 6) * LOOK.hues
    const lower = Math.floor(hue) % LOOK.hues
    sums[first + lower]! += colour * (1 - (hue % 1))
    sums[first + ((lower + 1) % LOOK.hues)]! += colour * (hue % 1)
  }
  const grey = brightness < GREY.dark ? 0 : brightness > GREY.light ? 2 : 1
  sums[first + LOOK.hues + grey]! += 1 - colour
}

/** 0 to 6 around the circle of colours. */
function hueOf(red: number, green: number, blue: number, most: number, spread: number): number {
  if (most === red) return ((green - blue) / spread + 6) % 6
  return most === green ? (blue - red) / spread + 2 : (red - green) / spread + 4
}

function addEdges(
  sums: Float64Array,
  light: Float64Array,
  { rows, columns }: { rows: number; columns: number },
): void {
  const first = LOOK.bands * (LOOK.hues + LOOK.greys)
  for (let row = 1; row < rows - 1; row++)
    for (let column = 1; column < columns - 1; column++) {
      const i = row * columns + column
      const dx = light[i + 1]! - light[i - 1]!
      const dy = light[i + columns]! - light[i - columns]!
      // Flat or steep, falling or rising: four directions without a turn of the sign.
      const direction = (Math.abs(dy) > Math.abs(dx) ? 1 : 0) + (dx * dy > 0 ? 2 : 0)
      const half = column * 2 < columns ? 0 : 1
      const cell = bandOf(row, rows) * LOOK.columns + half
      sums[first + cell * LOOK.directions + direction]! += Math.abs(dx) + Math.abs(dy)
    }
}

function normalised(sums: Float64Array): Uint8Array {
  const bytes = new Uint8Array(LOOK_BYTES)
  const colours = LOOK.hues + LOOK.greys
  const edges = LOOK.bands * colours
  for (let band = 0; band < LOOK.bands; band++) scale(sums, bytes, band * colours, (band + 1) * colours)
  scale(sums, bytes, edges, LOOK_BYTES)
  return bytes
}

/** To a sum of about 255. */
function scale(sums: Float64Array, bytes: Uint8Array, from: number, to: number): void {
  let total = 0
  for (let i = from; i < to; i++) total += sums[i]!
  if (total === 0) return
  for (let i = from; i < to; i++) bytes[i] = Math.round((255 * sums[i]!) / total)
}
