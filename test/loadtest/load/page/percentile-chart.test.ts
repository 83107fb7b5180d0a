import t from 'tap'
import { percentileChart } from '../../../../loadtest/load/page/percentile-chart.ts'
import { sampleResult } from '../sample-run.ts'

t.test(
  'the distribution of small reports first, then of what was asked most; probes are no users',
  async (t) => {
    const { kinds } = sampleResult()
    const probe = { ...kinds[0]!, kind: 'probe' }
    const svg = percentileChart({ kinds: [probe, ...kinds] }).text
    t.match(svg, /swatch a"><\/span>small report/)
    t.match(svg, /swatch b"><\/span>submit/)
    t.notMatch(svg, /probe/)
  },
)
