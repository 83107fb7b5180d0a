import t from 'tap'
import { phaseBars } from '../../../../loadtest/load/page/phase-bars.ts'
import { sampleResult } from '../sample-run.ts'

t.test('a bar for each kind of task, with its three parts as long as they took', async (t) => {
  const svg = phaseBars(sampleResult().tasks).text
  const widths = [...svg.matchAll(/width="([\d.]+)" height="20"/g)].map(([, width]) => Number(width))
  t.equal(widths.length, 3)
  t.ok(Math.abs(widths[1]! / widths[0]! - 2) < 0.05, 'twice as long at work as in the queue')
  t.match(svg, /small report, in queues: 10/)
  t.match(phaseBars([]).text, /No task has ended/)
})
