import type { Box, Point } from '#schemas/geometry.ts'
import { placeLabel, type Rectangle } from './label-placement.ts'
import {
  CLASS_COLOURS,
  LINE_COLOUR,
  NEUTRAL_COLOUR,
  type OverlayBox,
  type OverlayCaption,
  type OverlayLine,
  type OverlayScene,
  type OverlayZone,
  SEVERITY_COLOURS,
  ZONE_COLOUR,
} from './overlay-scene.ts'
import { drawStrokeText, fitStrokeText, strokeTextWidth } from './stroke-text.ts'

/** Measures of one drawing, all in pixels, and what has been written so far. */
interface Drawing {
  width: number
  height: number
  /** Of a capital letter. */
  cap: number
  stroke: number
  /** Where labels may stand. */
  space: Rectangle
  labels: Rectangle[]
  /** What labels leave free where they can: heads, and the rows in which cameras write their clock. */
  readable: readonly Rectangle[]
  activeColour: string | undefined
}

const INK = '#0b0f14'

/**
 * The drawing as SVG of the picture's size, and `captionHeight` more where there is a caption, which stands above the picture. Sizes follow
 * the width, so that it can be read at 320 pixels and does not shout at 1920; all text is strokes, so no font is needed. Pure.
 */
export function overlaySvg(size: { width: number; height: number }, scene: OverlayScene): string {
  const drawing = createDrawing(size, scene)
  // From the ground up: surfaces, lines, objects; labels cover all of them, so that each can be read.
  const parts = [
    ...(scene.zones ?? []).map((zone) => drawZone(zone, drawing)),
    ...(scene.lines ?? []).map((line) => drawLine(line, drawing)),
    ...(scene.boxes ?? []).map((box) => drawBox(box, drawing)),
  ]
  const marks = parts.map((part) => part.mark).join('')
  // What it is about gets the first choice of place, and is written last, on top.
  const labels = parts
    .map((part) => part.label)
    .sort((a, b) => Number(b.active) - Number(a.active))
    .map((label) => drawLabel(label, drawing))
    .reverse()
    .join('')
  const grid = scene.grid ? drawGrid(drawing) : ''
  const caption = scene.caption ? drawCaption(scene.caption, drawing) : ''
  const top = captionHeight(size, scene)
  const picture =
    top === 0 ? grid + marks + labels : `<g transform="translate(0 ${top})">${grid}${marks}${labels}</g>`
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height + top}">${picture}${caption}</svg>`
}

/** How much higher a picture gets by its caption. Pixels, an even number; 0 without one. Pure. */
export function captionHeight({ width }: { width: number }, { caption }: OverlayScene): number {
  return caption ? barHeight(capHeightAt(width)) : 0
}

interface Label {
  text: string
  colour: string
  /** What it belongs to. */
  at: Rectangle
  active: boolean
}

interface Part {
  mark: string
  label: Label
}

function createDrawing({ width, height }: { width: number; height: number }, scene: OverlayScene): Drawing {
  const cap = capHeightAt(width)
  return {
    width,
    height,
    cap,
    stroke: Math.max(1.5, width / 480),
    space: { x: 0, y: 0, width, height },
    labels: [],
    readable: [
      ...(scene.boxes ?? []).map(({ box }) => headOf(box, { width, height })),
      ...clockRows({ width, height }),
    ],
    activeColour: scene.caption?.severity && SEVERITY_COLOURS[scene.caption.severity],
  }
}

/** Of a capital letter. Pixels. */
function capHeightAt(width: number): number {
  return Math.min(18, Math.max(7, 4 + width / 170))
}

/** Shares of a box and of a picture's height. */
const [HEAD, CLOCK_ROWS] = [0.22, 0.07]

function headOf(
  [left, top, right, bottom]: Box,
  { width, height }: { width: number; height: number },
): Rectangle {
  return {
    ...{ x: left * width, y: top * height, width: (right - left) * width },
    height: (bottom - top) * height * HEAD,
  }
}

function clockRows({ width, height }: { width: number; height: number }): Rectangle[] {
  const rows = height * CLOCK_ROWS
  return [
    { x: 0, y: 0, width, height: rows },
    { x: 0, y: height - rows, width, height: rows },
  ]
}

/** Each tenth, the middle stronger, with numbers along the upper and the left edge. */
function drawGrid(drawing: Drawing): string {
  const { width, height, cap, stroke } = drawing
  const parts: string[] = []
  for (let tenth = 1; tenth < 10; tenth++) {
    const [x, y] = [(width * tenth) / 10, (height * tenth) / 10]
    const path = `M${px(x)} 0V${px(height)}M0 ${px(y)}H${px(width)}`
    const weight = stroke * (tenth === 5 ? 0.9 : 0.5)
    parts.push(
      halo(path, weight),
      `<path d="${path}" fill="none" stroke="${NEUTRAL_COLOUR}" stroke-opacity=".75" stroke-width="${px(weight)}"/>`,
    )
  }
  const size = cap * 0.85
  for (let tenth = 1; tenth < 10; tenth++) {
    const text = `0.${tenth}`
    const textWidth = strokeTextWidth(text, size)
    parts.push(gridNumber(text, { x: (width * tenth) / 10 - textWidth / 2, y: size * 1.6 }, size))
    parts.push(gridNumber(text, { x: size * 0.6, y: (height * tenth) / 10 + size / 2 }, size))
  }
  return parts.join('')
}

function gridNumber(text: string, base: { x: number; y: number }, size: number): string {
  const padding = size * 0.4
  const back = `<rect x="${px(base.x - padding)}" y="${px(base.y - size - padding)}" width="${px(strokeTextWidth(text, size) + 2 * padding)}" height="${px(size + 2 * padding)}" rx="${px(size * 0.25)}" fill="${INK}" fill-opacity=".72"/>`
  return back + drawStrokeText(text, base, { capHeight: size, colour: '#ffffff' })
}

function drawZone({ id, polygon, active = false }: OverlayZone, drawing: Drawing): Part {
  const colour = (active && drawing.activeColour) || ZONE_COLOUR
  const points = polygon.map((point) => toPixels(point, drawing))
  const path = `${points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${px(x)} ${px(y)}`).join('')}Z`
  const dash = `${px(drawing.stroke * 4)} ${px(drawing.stroke * 2.5)}`
  const mark = `<path d="${path}" fill="${colour}" fill-opacity="${active ? 0.24 : 0.13}" stroke="none"/>${halo(path, drawing.stroke)}<path d="${path}" fill="none" stroke="${colour}" stroke-width="${px(drawing.stroke)}" stroke-linejoin="round"${active ? '' : ` stroke-dasharray="${dash}"`}/>`
  // At the corner that is nearest to the upper left, where reading begins.
  const [x, y] = points.reduce((first, point) => (point[0] + point[1] < first[0] + first[1] ? point : first))
  const anchor = { x, y, width: 0, height: 0 }
  return { mark, label: { text: id, colour, at: anchor, active } }
}

function drawLine({ id, from, to, direction = 'any', active = false }: OverlayLine, drawing: Drawing): Part {
  const colour = (active && drawing.activeColour) || LINE_COLOUR
  const [x1, y1] = toPixels(from, drawing)
  const [x2, y2] = toPixels(to, drawing)
  const length = Math.max(1, Math.hypot(x2 - x1, y2 - y1))
  // To the right of somebody who looks along the line, with y downwards.
  const right: Point = [-(y2 - y1) / length, (x2 - x1) / length]
  const middle: Point = [(x1 + x2) / 2, (y1 + y2) / 2]
  const arrows = [
    direction === 'right-to-left' ? '' : arrowPath(middle, right, drawing),
    direction === 'left-to-right' ? '' : arrowPath(middle, [-right[0], -right[1]], drawing),
  ].join('')
  const path = `M${px(x1)} ${px(y1)}L${px(x2)} ${px(y2)}${arrows}`
  const width = drawing.stroke * 1.3
  const ends = [
    [x1, y1],
    [x2, y2],
  ]
    .map(
      ([x, y]) =>
        `<circle cx="${px(x!)}" cy="${px(y!)}" r="${px(width * 1.5)}" fill="${colour}" stroke="${INK}" stroke-opacity=".6"/>`,
    )
    .join('')
  const mark = `${halo(path, width)}<path d="${path}" fill="none" stroke="${colour}" stroke-width="${px(width)}" stroke-linecap="round" stroke-linejoin="round"/>${ends}`
  return { mark, label: { text: id, colour, at: { x: x1, y: y1, width: 0, height: 0 }, active } }
}

function arrowPath([x, y]: Point, [dx, dy]: Point, drawing: Drawing): string {
  const length = drawing.cap * 3.4
  const head = drawing.cap * 0.8
  const [tipX, tipY] = [x + dx * length, y + dy * length]
  const wing = (side: number) =>
    `${px(tipX - dx * head + side * dy * head)} ${px(tipY - dy * head - side * dx * head)}`
  return `M${px(x)} ${px(y)}L${px(tipX)} ${px(tipY)}M${wing(1)}L${px(tipX)} ${px(tipY)}L${wing(-1)}`
}

function drawBox(given: OverlayBox, drawing: Drawing): Part {
  const { box, class: of, label, active = false, predicted = false } = given
  const colour = (active && drawing.activeColour) || CLASS_COLOURS[of]
  const [left, top] = toPixels([box[0], box[1]], drawing)
  const [right, bottom] = toPixels([box[2], box[3]], drawing)
  const at = { x: left, y: top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) }
  const radius = px(Math.min(drawing.stroke * 2, at.width / 3, at.height / 3))
  const shape = `x="${px(at.x)}" y="${px(at.y)}" width="${px(at.width)}" height="${px(at.height)}" rx="${radius}" fill="none"`
  const width = active ? drawing.stroke * 1.35 : drawing.stroke
  const dash = predicted ? ` stroke-dasharray="${px(width * 3)} ${px(width * 2.5)}"` : ''
  const mark = `<rect ${shape} stroke="${INK}" stroke-opacity=".5" stroke-width="${px(width * 2.2)}"/><rect ${shape} stroke="${colour}" stroke-width="${px(width)}"${dash}/>`
  return { mark, label: { text: label, colour, at, active } }
}

/** A chip in the colour of what it names, dark letters on it. */
function drawLabel({ text, colour, at }: Label, drawing: Drawing): string {
  const { cap } = drawing
  const padding = cap * 0.5
  const shown = fitStrokeText(text, cap, drawing.width - 2 * padding)
  if (shown === '') return ''
  const size = { width: strokeTextWidth(shown, cap) + 2 * padding, height: cap + 2 * padding }
  const chip = placeLabel(at, size, drawing.space, drawing.labels, drawing.readable)
  drawing.labels.push(chip)
  const back = `<rect x="${px(chip.x)}" y="${px(chip.y)}" width="${px(chip.width)}" height="${px(chip.height)}" rx="${px(cap * 0.3)}" fill="${colour}" fill-opacity=".94" stroke="${INK}" stroke-opacity=".45" stroke-width="1"/>`
  const base = { x: chip.x + padding, y: chip.y + padding + cap }
  return back + drawStrokeText(shown, base, { capHeight: cap, colour: INK })
}

function barHeight(cap: number): number {
  // Even, as encoders of video want it.
  return 2 * Math.round((cap * 4.1) / 2)
}

function drawCaption({ title, details, severity }: OverlayCaption, drawing: Drawing): string {
  const { cap, width } = drawing
  const height = barHeight(cap)
  const colour = severity ? SEVERITY_COLOURS[severity] : NEUTRAL_COLOUR
  const band = Math.max(4, cap * 0.55)
  const left = band + cap * 0.8
  const badge = severity ? drawBadge(severity.toUpperCase(), colour, drawing, height) : { svg: '', width: 0 }
  const room = width - left - cap * 0.6
  const heading = fitStrokeText(title, cap * 1.1, room - badge.width)
  const line = fitStrokeText(details.filter(Boolean).join('  ·  '), cap * 0.92, room)
  return [
    `<rect width="${width}" height="${height}" fill="${INK}"/>`,
    `<rect width="${px(band)}" height="${height}" fill="${colour}"/>`,
    badge.svg,
    drawStrokeText(
      heading,
      { x: left, y: cap * 1.8 },
      { capHeight: cap * 1.1, colour: '#ffffff', weight: 1.15 },
    ),
    drawStrokeText(line, { x: left, y: cap * 3.45 }, { capHeight: cap * 0.92, colour: NEUTRAL_COLOUR }),
  ].join('')
}

/** The severity as a word: a colour alone says nothing to many people. */
function drawBadge(
  text: string,
  colour: string,
  { cap, width }: Drawing,
  height: number,
): { svg: string; width: number } {
  const size = cap * 0.85
  const chipWidth = strokeTextWidth(text, size) + cap * 1.1
  const x = width - chipWidth - cap * 0.6
  const y = Math.min(cap * 0.45, height)
  const back = `<rect x="${px(x)}" y="${px(y)}" width="${px(chipWidth)}" height="${px(size + cap * 0.9)}" rx="${px(cap * 0.4)}" fill="${colour}"/>`
  const base = { x: x + cap * 0.55, y: y + size + cap * 0.45 }
  return {
    svg: back + drawStrokeText(text, base, { capHeight: size, colour: INK, weight: 1.1 }),
    width: chipWidth + cap * 0.9,
  }
}

/** A dark edge around bright strokes, so that they show on any ground. */
function halo(path: string, stroke: number): string {
  return `<path d="${path}" fill="none" stroke="${INK}" stroke-opacity=".5" stroke-width="${px(stroke * 2.2)}" stroke-linecap="round" stroke-linejoin="round"/>`
}

function toPixels([x, y]: Point, drawing: Drawing): Point {
  return [x * drawing.width, y * drawing.height]
}

/** Tenths of a pixel are enough. */
function px(value: number): number {
  return Math.round(value * 10) / 10
}
