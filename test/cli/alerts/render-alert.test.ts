import t from 'tap'
import {
  alertTime,
  renderAlert,
  renderAlertInFull,
  renderAlertList,
  renderChanged,
  renderRaised,
} from '../../../services/cli/alerts/render-alert.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { timeOfDay } from '../../../services/cli/output/quantities.ts'
import { colours } from '../colours.ts'
import { alertOf } from '../monitor-fixtures.ts'

const plain = { paint: noPaint }

t.test('an alert is a line: when, how urgent, what, by which rule', async (t) => {
  const alert = alertOf('m')
  t.equal(
    renderAlert(alert, alertTime(alert, true), noPaint),
    '    12.3 s   CRITICAL   Person entered gate (gate-access, 45 ms after the frame)',
  )
  t.equal(
    renderAlert(alert, alertTime(alert, true), colours),
    '    12.3 s  \u001b[31m\u001b[7m CRITICAL \u001b[27m\u001b[39m  Person entered gate \u001b[2m(gate-access, 45 ms after the frame)\u001b[22m',
  )
  t.equal(alertTime(alert, false), timeOfDay(alert.atMs), 'of a camera: by the clock on the wall')
  t.match(timeOfDay(alert.atMs), /^\d\d:\d\d:\d\d$/)
  const { latencyMs: _, ...offline } = alertOf('m', { severity: 'low', message: 'No\npicture' })
  t.equal(renderAlert(offline, 'now', noPaint), '       now   LOW        No picture (gate-access)')
})

t.test('lists of alerts, and one in full', async (t) => {
  const alert = alertOf('m', {
    status: 'acknowledged',
    changedBy: 'ann',
    changedAtMs: Date.UTC(2026, 4, 1, 12, 5),
    note: 'on my\u0007way',
    snapshot: { blob: 'monitors/m/x', size: 20_480, sha256: '0'.repeat(64), contentType: 'image/jpeg' },
  })
  t.strictSame(renderAlertList([alert], alert.raisedAtMs + 90_000, plain), [
    '  alert  severity  status        camera         age  times  what',
    '  a1     critical  acknowledged  yard    1 min 30 s      1  Person entered gate',
  ])
  const full = renderAlertInFull(alert, plain)
  t.equal(full[0], 'a1   CRITICAL   acknowledged')
  for (const line of [
    /^ {2}rule {6}gate-access, intrusion$/,
    /^ {2}when {6}2026-05-0\d \d\d:\d\d:\d\d, 12\.3 s into the video$/,
    /^ {2}objects {3}person 3 \(0\.83\)$/,
    /^ {2}snapshot {2}20 KiB, --snapshot FILE writes it$/,
    /^ {2}changed {3}2026-05-0\d \d\d:\d\d:\d\d by ann$/,
    /^ {2}note {6}on my way$/,
  ])
    t.ok(
      full.some((text) => line.test(text)),
      `${line} in\n${full.join('\n')}`,
    )
  t.equal(
    renderRaised(alert, noPaint),
    `${timeOfDay(alert.raisedAtMs)}   CRITICAL   yard  Person entered gate (gate-access, a1)`,
  )
  t.equal(
    renderChanged(alert, noPaint),
    `${timeOfDay(alert.changedAtMs!)}  acknowledged by ann  Person entered gate (a1): on my way`,
  )
})

t.test(
  'what speaks against a model stands once, below those that it raised; who snoozed is not told',
  async (t) => {
    const modelWarning = 'starter was trained on drawn pictures'
    const snoozed = { id: 's1', by: 'ann', untilMs: 1 }
    const alerts = [
      alertOf('m', { id: 'a1', modelWarning }),
      alertOf('m', { id: 'a2', modelWarning, snoozed }),
      alertOf('m', { id: 'a3' }),
    ]
    const lines = renderAlertList(alerts, alerts[0]!.raisedAtMs, plain)
    t.match(lines[1], /Person entered gate \*$/)
    t.match(lines[2], /open, snoozed .*Person entered gate \*$/)
    t.match(lines[3], /Person entered gate$/)
    t.strictSame(lines.slice(4), [`  * ${modelWarning}`])
  },
)
