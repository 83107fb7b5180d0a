import { html, type Markup } from '../../../services/agents/report/synthesis/html/markup.ts'
import { figure } from '../render-result.ts'
import type { TaskResult } from '../result-schema.ts'

const WIDTH = 720
const ROW = 34
const LABEL = 140
const END = 90

/** Where the time of tasks went: queue, run and the rest, on average, a bar for each kind. Averages, because they add up. Pure. */
export function phaseBars(tasks: readonly TaskResult[]): Markup {
  const rows = tasks.filter(({ phases }) => phases.total.count > 0 && phases.total.meanMs > 0)
  if (rows.length === 0) return html`<p class="note">No task has ended.</p>`
  const longest = Math.max(...rows.map(({ phases }) => phases.total.meanMs))
  const room = WIDTH - LABEL - END
  const bar = ({ kind, phases }: TaskResult, row: number) => {
    const y = row * ROW + 6
    let x = LABEL
    const parts = [
      ['a', 'in queues', phases.queue.meanMs],
      ['c', 'at work', phases.run.meanMs],
      ['b', 'orchestration', phases.orchestration.meanMs],
    ] as const
    const drawn = parts.map(([tone, name, ms]) => {
      const width = (ms / longest) * room
      const rect = html`<rect class="bar ${tone}" x="${round(x)}" y="${y}" width="${round(width)}" height="20"><title>${kind}, ${name}: ${figure(ms)} ms</title></rect>`
      x += width
      return rect
    })
    return html`<text x="${LABEL - 8}" y="${y + 15}" text-anchor="end">${kind}</text>${drawn}<text class="tick" x="${round(x + 6)}" y="${y + 15}">${figure(phases.total.meanMs)} ms</text>`
  }
  return html`<figure class="chart"><figcaption>Where the time of tasks went, on average</figcaption>
<svg viewBox="0 0 ${WIDTH} ${rows.length * ROW + 6}" role="img" aria-label="Where the time of tasks went">${rows.map(bar)}</svg>
<ul class="legend"><li><span class="swatch a"></span>in queues</li><li><span class="swatch c"></span>at work</li><li><span class="swatch b"></span>orchestration</li></ul></figure>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
