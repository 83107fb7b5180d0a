import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { captureInputExample, captureInputSchema } from '../../../../../schemas/monitor-steps.ts'
import { createOfflineWatch } from '../../../../../services/agents/video/capture/publish/offline-watch.ts'

t.test('offline: once an outage, within the hours of the rule', async (t) => {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 21, 59, 50)) // a Monday
  const rules = captureInputSchema.parse({
    ...captureInputExample,
    rules: [
      { id: 'soon', kind: 'camera-offline', afterMs: 2000, severity: 'low' },
      { id: 'night', kind: 'camera-offline', afterMs: 1000, schedule: { from: '22:00', to: '06:00' } },
      { id: 'crowd', kind: 'crowd', minCount: 3 },
    ],
  }).rules.filter((rule) => rule.kind === 'camera-offline')
  t.equal(rules.length, 2, 'other rules are not ours')
  const watch = createOfflineWatch(rules, { tenant: 'acme', monitor: 'm', camera: 'yard' }, clock)
  const due = () => watch.due('refused').map(({ rule }) => rule.id)
  await clock.advance(1999)
  t.strictSame(due(), [])
  await clock.advance(1)
  t.strictSame(due(), ['soon'])
  t.strictSame(due(), [])
  await clock.advance(8000)
  t.strictSame(due(), ['night'], 'when its hours begin')
  watch.picture()
  await clock.advance(2000)
  const [event] = watch.due('refused')
  t.match(event, {
    tenant: 'acme',
    subject: 'camera',
    rule: { id: 'soon', severity: 'low' },
    message: 'Camera yard has given no picture for 2 s: refused',
    atMs: clock.nowMs(),
  })
})
