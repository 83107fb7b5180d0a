import { html, type Markup } from '../html/markup.ts'
import { numberText } from '../number-text.ts'
import { drawFrame, FONT_PX, layOutFrame } from './chart-frame.ts'
import { fitText } from './label-layout.ts'
import { type Domain, extent } from './scale.ts'

export interface ScatterInput {
  points: readonly (readonly [number, number])[]
  /** Titles of the axes, with their units. */
  xTitle: string
  yTitle: string
  /** In pixels at natural size. */
  width: number
  height: number
}

/** Beyond this dots are drawn fainter, so that dense places show. */
const DENSE = 120

/** Two measures against each other, a dot a row, with the least-squares line inside the data's range. */
export function scatterChart({ points, xTitle, yTitle, width, height }: ScatterInput): Markup | undefined {
  if (points.length < 3) return undefined
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
  const [xDomain, yDomain] = [extent(xs), extent(ys)]
  if (xDomain[0] === xDomain[1] || yDomain[0] === yDomain[1]) return undefined
  const frame = layOutFrame({ width, height, headroom: 16, footroom: 18, xDomain, xKind: 'number', yDomain })
  const line = fittedLine(points, { xDomain, yDomain })
  const kind = points.length > DENSE ? 'dot dense' : 'dot'
  return html`<svg class="scatter" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Scatter chart of ${yTitle} against ${xTitle}, ${points.length} rows">
${drawFrame(frame)}
${points.map(([x, y]) => html`<circle class="${kind}" cx="${frame.x(x)}" cy="${frame.y(y)}" r="3"><title>${numberText(x)}, ${numberText(y)}</title></circle>`)}
${line && html`<line class="trend" x1="${frame.x(line[0][0])}" y1="${frame.y(line[0][1])}" x2="${frame.x(line[1][0])}" y2="${frame.y(line[1][1])}"/>`}
<text class="tick" x="2" y="12">${fitText(yTitle, width - 4, FONT_PX)}</text>
<text class="tick" x="${width - 4}" y="${height - 4}" text-anchor="end">${fitText(xTitle, width - 8, FONT_PX)}</text></svg>`
}

type Segment = readonly [readonly [number, number], readonly [number, number]]

/** Least squares, cut where it would leave the values that there are. */
function fittedLine(
  points: ScatterInput['points'],
  { xDomain, yDomain }: { xDomain: Domain; yDomain: Domain },
): Segment | undefined {
  const [meanX, meanY] = [0, 1].map(
    (part) => points.reduce((sum, point) => sum + point[part]!, 0) / points.length,
  ) as [number, number]
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  const slope = covariance / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  if (!Number.isFinite(slope) || slope === 0) return undefined
  const at = (x: number): number => meanY + slope * (x - meanX)
  const clipped = xDomain.map((x): readonly [number, number] => {
    const y = Math.min(yDomain[1], Math.max(yDomain[0], at(x)))
    return [meanX + (y - meanY) / slope, y]
  })
  return [clipped[0]!, clipped[1]!]
}
