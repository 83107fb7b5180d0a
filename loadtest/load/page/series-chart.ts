import { drawFrame, layOutFrame } from '../../../services/agents/report/synthesis/charts/chart-frame.ts'
import { html, type Markup } from '../../../services/agents/report/synthesis/html/markup.ts'

/** A line of a chart. */
export interface Line {
  readonly label: string
  /** Of the stylesheet: a, b, c, d. */
  readonly tone: 'a' | 'b' | 'c' | 'd' | 'e' | 'f'
  readonly points: readonly (readonly [x: number, y: number])[]
  /** Filled below. */
  readonly isArea?: boolean
}

export interface SeriesChart {
  readonly title: string
  readonly lines: readonly Line[]
  /** Behind the numbers of the y axis, such as ` ms`. */
  readonly ySuffix?: string
  readonly xTitle: string
  /** Names of places along x, in place of numbers. */
  readonly xTicks?: readonly { readonly at: number; readonly label: string }[]
  /** Bounds across the whole width. */
  readonly bounds?: readonly { readonly at: number; readonly label: string }[]
  /** Powers of ten along y: for what lies far apart. */
  readonly isLogarithmic?: boolean
  /** Moments that something happened at. */
  readonly marks?: readonly { readonly at: number; readonly label: string }[]
}

const WIDTH = 720
const HEIGHT = 260
/** A bound is shown only where the lines come near it: else they would be flat. */
const BOUND_REACH = 0.25
const MARK_LINE = 16
/** What is less has no place on a scale of powers. */
const LEAST = 0.1

/** Lines over one axis, as SVG with its legend; nothing in it comes from another host. Pure. */
export function seriesChart(chart: SeriesChart): Markup {
  const { title, ySuffix = '', xTitle, marks = [], isLogarithmic = false } = chart
  const lines = isLogarithmic ? chart.lines.map(logarithmic) : chart.lines
  const points = lines.flatMap((line) => line.points)
  if (points.length === 0)
    return html`<figure class="chart"><figcaption>${title}</figcaption><p class="note">Nothing was measured.</p></figure>`
  const [xLow, xHigh] = extent(points.map(([x]) => x))
  const [yLow, highest] = extent(points.map(([, y]) => y))
  const bounds = (chart.bounds ?? []).filter(({ at }) => highest >= at * BOUND_REACH)
  const yHigh = Math.max(highest, ...bounds.map(({ at }) => at * 1.05))
  const frame = layOutFrame({
    width: WIDTH,
    height: HEIGHT,
    headroom: marks.length * MARK_LINE,
    footroom: 16,
    xDomain: [xLow, xHigh],
    xKind: 'number',
    yDomain: isLogarithmic
      ? [Math.floor(yLow), Math.max(Math.floor(yLow) + 1, Math.ceil(yHigh))]
      : [0, yHigh],
    // Labels of powers are wider than those of their exponents: room for the widest.
    ySuffix: isLogarithmic ? `0,000${ySuffix}` : ySuffix,
  })
  if (isLogarithmic) frame.yTicks = powers(yLow, yHigh, ySuffix)
  if (chart.xTicks) frame.xTicks = chart.xTicks.filter(({ at }) => at >= xLow && at <= xHigh)
  const path = ({ points: line }: Line) =>
    line.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${frame.x(x)} ${frame.y(y)}`).join('')
  const area = (line: Line) =>
    `${path(line)}L${frame.x(line.points.at(-1)![0])} ${frame.bottom}L${frame.x(line.points[0]![0])} ${frame.bottom}Z`
  // Below each other: what was killed soon after something else would stand across its name.
  const markY = (i: number) => 12 + i * MARK_LINE
  const drawn = lines.filter((line) => line.points.length > 0)
  return html`<figure class="chart"><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${drawFrame(frame)}
<text class="tick" x="${frame.right}" y="${HEIGHT - 2}" text-anchor="end">${xTitle}</text>
${drawn.map((line) => line.isArea && html`<path class="area ${line.tone}" d="${area(line)}"/>`)}
${bounds.map(
  ({ at, label }) =>
    html`<line class="bound" x1="${frame.left}" x2="${frame.right}" y1="${frame.y(at)}" y2="${frame.y(at)}"/><text class="bound-label" x="${frame.right}" y="${frame.y(at) - 4}" text-anchor="end">${label}</text>`,
)}
${marks.map(
  ({ at, label }, i) =>
    html`<line class="mark" x1="${frame.x(at)}" x2="${frame.x(at)}" y1="${markY(i) + 3}" y2="${frame.bottom}"/><text class="mark-label" x="${frame.x(at)}" y="${markY(i)}" text-anchor="middle">${label}</text>`,
)}
${drawn.map((line) => html`<path class="line ${line.tone}" d="${path(line)}"/>`)}</svg>
<ul class="legend">${drawn.map(({ label, tone }) => html`<li><span class="swatch ${tone}"></span>${label}</li>`)}</ul></figure>`
}

function logarithmic(line: Line): Line {
  return { ...line, points: line.points.map(([x, y]) => [x, Math.log10(Math.max(LEAST, y))] as const) }
}

function powers(low: number, high: number, suffix: string): { at: number; label: string }[] {
  const first = Math.floor(low)
  return Array.from({ length: Math.max(2, Math.ceil(high) - first + 1) }, (_, i) => ({
    at: first + i,
    label: `${(10 ** (first + i)).toLocaleString('en')}${suffix}`,
  }))
}

function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)]
  return low === high ? [low, low + 1] : [low, high]
}
