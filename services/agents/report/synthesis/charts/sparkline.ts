import { html, type Markup } from '../html/markup.ts'
import { linearScale } from './scale.ts'

const WIDTH = 110
const HEIGHT = 26

/** The course of a column in the size of a word, with its last value marked. */
export function sparkline(values: readonly number[], label: string): Markup | undefined {
  if (values.length < 2) return undefined
  const x = linearScale([0, values.length - 1], [3, WIDTH - 4])
  const y = linearScale([Math.min(...values), Math.max(...values)], [HEIGHT - 4, 4])
  const path = values.map((value, index) => `${index === 0 ? 'M' : 'L'}${x(index)} ${y(value)}`).join('')
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="Course of ${label}">
<path class="series" d="${path}"/><circle class="point" cx="${x(values.length - 1)}" cy="${y(values.at(-1)!)}" r="2.5"/></svg>`
}
