import t from 'tap'
import { type SeriesChart, seriesChart } from '../../../../loadtest/load/page/series-chart.ts'

const chart = (over: Partial<SeriesChart> = {}) =>
  seriesChart({
    title: 'A chart',
    xTitle: 'seconds',
    lines: [
      {
        label: 'one',
        tone: 'a',
        points: [
          [0, 10],
          [10, 400],
        ],
      },
    ],
    ...over,
  }).text

t.test('lines have their legend, moments their names', async (t) => {
  const svg = chart({ marks: [{ at: 5, label: 'killed' }] })
  t.match(svg, /class="line a" d="M/)
  t.match(svg, /<li><span class="swatch a"><\/span>one<\/li>/)
  t.match(svg, /class="mark-label"[^>]*>killed</)
})

t.test('a bound is shown where the lines come near it, and not far below', async (t) => {
  const bounds = [{ at: 500, label: 'p95 < 500 ms' }]
  t.match(chart({ bounds }), /p95 &lt; 500/)
  const low = [
    {
      label: 'one',
      tone: 'a' as const,
      points: [
        [0, 1],
        [10, 4],
      ] as [number, number][],
    },
  ]
  t.notMatch(chart({ bounds, lines: low }), /p95/)
})

t.test('powers of ten along y are named as what they are', async (t) => {
  const svg = chart({ isLogarithmic: true, ySuffix: ' ms' })
  for (const name of ['10 ms', '100 ms', '1,000 ms']) t.match(svg, `>${name}</text>`)
})

t.test('one point, or none, is a chart too', async (t) => {
  t.match(chart({ lines: [] }), /Nothing was measured/)
  t.notMatch(chart({ lines: [{ label: 'one', tone: 'a', points: [[3, 0]] }] }), /NaN/)
})
