import { numberFormat } from '#platform/statistics/number-format.ts'
import type { Series } from '#schemas/report.ts'
import { html, type Markup } from '../html/markup.ts'
import { numberText } from '../number-text.ts'
import { textWidth } from './label-layout.ts'
import {
  type Domain,
  linearScale,
  niceDomain,
  niceTicks,
  type Tick,
  tickDecimals,
  timeTicks,
} from './scale.ts'

export const FONT_PX = 12

/** The plotting area of a chart and the scales into it. */
export interface ChartFrame {
  width: number
  height: number
  left: number
  right: number
  top: number
  bottom: number
  x: (value: number) => number
  y: (value: number) => number
  xTicks: Tick[]
  yTicks: Tick[]
}

export interface FrameRequest {
  width: number
  height: number
  /** Room for labels above the plot. */
  headroom: number
  xDomain: Domain
  /** `number` for a measure along x. */
  xKind: Series['xKind'] | 'number'
  /** Room for a title of the x axis; none without. */
  footroom?: number
  yDomain: Domain
  /** Behind each number of the y axis, such as ` %`. */
  ySuffix?: string
}

/** Lays out axes: nice numbers on y, dates or rows on x, and as much room on the left as the labels need. */
export function layOutFrame(request: FrameRequest): ChartFrame {
  const { width, height, xDomain, xKind, headroom, footroom = 0, ySuffix = '' } = request
  const yDomain = niceDomain(request.yDomain, 5)
  const yTicks = numberTicks(yDomain, 5).map((tick) => ({ ...tick, label: `${tick.label}${ySuffix}` }))
  const left = Math.ceil(Math.max(...yTicks.map(({ label }) => textWidth(label, FONT_PX))) + 10)
  const [right, top, bottom] = [width - 12, 10 + headroom, height - 26 - footroom]
  const wanted = Math.max(2, Math.floor((right - left) / 72))
  const x = linearScale(xDomain, [left, right])
  const xTicks = ticksOf({ xKind, xDomain, widthPx: right - left, wanted }).filter(apart(x))
  return {
    width,
    height,
    left,
    right,
    top,
    bottom,
    x,
    y: linearScale(yDomain, [bottom, top]),
    xTicks,
    yTicks,
  }
}

function ticksOf(about: {
  xKind: FrameRequest['xKind']
  xDomain: Domain
  widthPx: number
  wanted: number
}): Tick[] {
  const { xKind, xDomain, widthPx, wanted } = about
  if (xKind === 'time') return timeTicks(xDomain, widthPx)
  return xKind === 'row' ? rowTicks(xDomain, wanted) : numberTicks(xDomain, wanted)
}

/** Ticks at nice numbers with the decimals that tell them apart; large ones are shortened to 1.5M. */
export function numberTicks(domain: Domain, wanted: number): Tick[] {
  const ticks = niceTicks(domain, wanted)
  const decimals = tickDecimals(ticks)
  const largest = Math.max(...ticks.map(Math.abs))
  const compact = largest >= 1e5
  return ticks.map((at) => ({ at, label: tickText(at, compact, decimals) }))
}

/** Axes and grid lines, to be drawn below everything else. */
export function drawFrame(frame: ChartFrame): Markup {
  const { left, right, bottom, xTicks, yTicks } = frame
  return html`${yTicks.map(
    ({ at, label }) =>
      html`<line class="grid" x1="${left}" x2="${right}" y1="${frame.y(at)}" y2="${frame.y(at)}"/>
<text class="tick" x="${left - 7}" y="${frame.y(at) + 4}" text-anchor="end">${label}</text>`,
  )}<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>${xTicks.map(
    ({ at, label }) =>
      html`<line class="axis" x1="${frame.x(at)}" x2="${frame.x(at)}" y1="${bottom}" y2="${bottom + 4}"/>
<text class="tick" x="${withinEdges(frame, at, label)}" y="${bottom + 18}" text-anchor="middle">${label}</text>`,
  )}`
}

/** A label at the very edge is moved inwards, so that it is not cut off. */
function withinEdges(frame: ChartFrame, at: number, label: string): number {
  const half = textWidth(label, FONT_PX) / 2
  return Math.min(frame.width - half, Math.max(half, frame.x(at)))
}

function rowTicks(domain: Domain, wanted: number): Tick[] {
  return niceTicks(domain, wanted)
    .filter((at) => Number.isInteger(at) && at >= 1)
    .map((at) => ({ at, label: numberText(at) }))
}

function tickText(at: number, compact: boolean, decimals: number): string {
  if (at === 0) return '0'
  const size = Math.abs(at)
  if (size >= 1e15 || size < 1e-6) return numberText(at)
  const options: Intl.NumberFormatOptions = compact
    ? { notation: 'compact', maximumSignificantDigits: 4 }
    : { minimumFractionDigits: decimals, maximumFractionDigits: decimals, useGrouping: size >= 10_000 }
  return numberFormat(options).format(at).replace('-', '\u2212')
}

/** Keeps ticks whose label does not run into the one before. */
function apart(x: (value: number) => number): (tick: Tick) => boolean {
  let end = Number.NEGATIVE_INFINITY
  return ({ at, label }) => {
    const half = textWidth(label, FONT_PX) / 2
    if (x(at) - half < end + 8) return false
    end = x(at) + half
    return true
  }
}
