import type { Series } from '#schemas/report.ts'
import { html, type Markup } from '../html/markup.ts'
import { type Domain, linearScale } from './scale.ts'

const WIDTH = 200
const HEIGHT = 90
const MARGIN = 5

/** One panel of many: the course of an entity on axes that it shares with the others. */
export function smallMultiple(
  { points }: Series,
  { name, xDomain, yDomain }: { name: string; xDomain: Domain; yDomain: Domain },
): Markup {
  const x = linearScale(xDomain, [MARGIN, WIDTH - MARGIN])
  const y = linearScale(yDomain, [HEIGHT - MARGIN, MARGIN])
  const path = points.map(([at, value], index) => `${index === 0 ? 'M' : 'L'}${x(at)} ${y(value)}`).join('')
  return html`<svg class="multiple" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="Course of ${name}">
<line class="axis" x1="${MARGIN}" x2="${WIDTH - MARGIN}" y1="${HEIGHT - 1}" y2="${HEIGHT - 1}"/><path class="series" d="${path}"/></svg>`
}

/** Shared by all where no entity is flattened by it; else each has its own, and the page says so. */
export function sharedDomain(series: readonly Series[]): { domain: Domain; isShared: boolean } {
  const extents = series.map(({ points }) => extentOf(points))
  const domain: Domain = [
    Math.min(...extents.map(([low]) => low)),
    Math.max(...extents.map(([, high]) => high)),
  ]
  const smallest = Math.min(...extents.map(([low, high]) => high - low))
  return { domain, isShared: smallest * FLATTENED >= domain[1] - domain[0] }
}

/** An entity whose course takes less than this part of the common axis could not be read. */
const FLATTENED = 8

export function extentOf(points: Series['points']): Domain {
  const ys = points.map(([, y]) => y)
  return [Math.min(...ys), Math.max(...ys)]
}
