import t from 'tap'
import { alertTime } from '../../../services/cli/alerts/render-alert.ts'
import { renderAlerts, renderSummary } from '../../../services/cli/monitor/render-summary.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { colours } from '../colours.ts'
import { alertOf, summaryOf } from '../monitor-fixtures.ts'

const plain = { paint: noPaint }

t.test('the summary, plain and in colour', async (t) => {
  const alerts = [alertOf('m'), alertOf('m', { id: 'a2', severity: 'low', mediaMs: 900, occurrences: 3 })]
  const summary = summaryOf({ alerts })
  t.strictSame(
    [...renderSummary(summary, plain), '', ...renderAlerts(alerts, (one) => alertTime(one, true), plain)],
    [
      'yard  end of source  40.0 s',
      '  source      960 × 540, 10 fps',
      '  model       starter',
      '  frames      390 of 400 analysed',
      '  dropped     10: 1 at capture, 7 at detection, 2 too late',
      '  tracks      10 persons, 1 vehicle, from 1200 detections',
      '  at once     6 persons, 1 vehicle at most',
      '  on average  2.6 persons, 1.0 vehicles',
      '',
      '  latency in ms   p50  p95  p99   max',
      '  frame to track   20   41   60  1234',
      '  frame to alert   30   45   45    45',
      '',
      '  alerts  1 critical  2 low',
      '',
      '  severity      at  what                 rule         times',
      '  critical  12.3 s  Person entered gate  gate-access      1',
      '  low       900 ms  Person entered gate  gate-access      3',
    ],
  )
  const painted = renderSummary(summary, { paint: colours })
  t.equal(painted[0], '\u001b[1myard\u001b[22m  end of source  \u001b[2m40.0 s\u001b[22m')
  t.equal(
    painted.at(-1),
    '  \u001b[2malerts\u001b[22m  \u001b[31m1 critical\u001b[39m  \u001b[2m2 low\u001b[22m',
  )
  const failed = renderSummary(
    summaryOf({ ended: 'source failed', reason: 'gone', source: undefined, reconnects: 2 }),
    plain,
  )
  t.equal(failed[0], 'yard  source failed: gone  40.0 s')
  t.match(failed.join('\n'), /opened again {2}2 times/)
  t.notMatch(failed.join('\n'), /source {2,}\d/)
})
