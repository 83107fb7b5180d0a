import t from 'tap'
import { scatterChart } from '../../../../../services/agents/report/synthesis/charts/scatter-chart.ts'

const draw = (points: [number, number][]) =>
  scatterChart({ points, xTitle: 'a <b>', yTitle: 'y', width: 340, height: 260 })?.text
const numbers = (tag: string, name: string): number => Number(new RegExp(`${name}="([^"]+)"`).exec(tag)![1])

t.test('a dot a row, titles escaped', async (t) => {
  const svg = draw([
    [1, 2],
    [2, 4],
    [3, 5],
  ])!
  t.equal(svg.match(/class="dot"/g)?.length, 3)
  t.match(svg, 'a &lt;b&gt;')
})

t.test('the line stays where there are values', async (t) => {
  const svg = draw([
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 0],
    [10, 9],
  ])!
  const line = /<line class="trend"[^>]+>/.exec(svg)![0]
  const lowest = Math.max(
    ...[...svg.matchAll(/class="dot" cx="[^"]+" cy="([^"]+)"/g)].map(([, y]) => Number(y)),
  )
  t.ok(numbers(line, 'y1') <= lowest, 'never below the lowest value')
})

t.test('nothing to draw of a constant or of two rows', async (t) => {
  t.equal(draw([[1, 2]]), undefined)
  t.equal(
    draw([
      [1, 2],
      [1, 3],
      [1, 4],
    ]),
    undefined,
  )
})
