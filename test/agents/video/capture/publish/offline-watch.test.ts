import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { captureInputExample, captureInputSchema } from '../../../../../schemas/monitor-steps.ts'
import { createOfflineWatch } from '../../../../../services/agents/video/capture/publish/offline-watch.ts'

t.test('offline: once an outage, within the hours of the rule', async (t) => {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 21, 59, 50)) // a Monday
  const rules = captureInputSchema
    .parse({
      ...captureInputExample,
      rules: [
        { id: 'soon', kind: 'camera-offline', afterMs: 2000, severity: 'low' },
        { id: 'night', kind: 'camera-offline', afterMs: 1000, schedule: { from: '22:00', to: '06:00' } },
        { id: 'crowd', kind: 'crowd', minCount: 3 },
      ],
    })
    .rules.filter((rule) => rule.kind === 'camera-offline')
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
  t.strictSame(watch.due('refused'), [], 'a single picture ends no outage')
  for (let i = 0; i < 3; i++) {
    watch.picture()
    await clock.advance(500)
  }
  const backAtMs = clock.nowMs() - 1500
  const ends = watch.due('')
  t.strictSame(
    ends.map(({ rule, state }) => [rule.id, state]),
    ['soon', 'night'].map((id) => [id, { phase: 'end', sinceMs: backAtMs }]),
  )
  t.match(ends[0]?.message, /^Camera yard gives pictures again, after \d+ s$/)
  const lastMs = clock.nowMs() - 500
  await clock.advance(500)
  const [event] = watch.due('refused')
  t.match(event, {
    tenant: 'acme',
    subject: 'camera',
    rule: { id: 'night' },
    message: 'Camera yard has given no picture for 1 s: refused',
    atMs: clock.nowMs(),
    state: { phase: 'begin', sinceMs: lastMs },
  })
})

t.test(
  'the first pictures end what an earlier instance may have said, once; a wait for others is no outage',
  async (t) => {
    const clock = createManualClock(Date.UTC(2026, 0, 5, 12))
    const rules = captureInputSchema
      .parse({
        ...captureInputExample,
        rules: [{ id: 'soon', kind: 'camera-offline', afterMs: 2000 }],
      })
      .rules.filter((rule) => rule.kind === 'camera-offline')
    const watch = createOfflineWatch(rules, { tenant: 'acme', monitor: 'm', camera: 'yard' }, clock)
    await clock.advance(60_000)
    watch.excuse()
    t.strictSame(watch.due(''), [])
    const phases: (string | undefined)[] = []
    for (let i = 0; i < 40; i++) {
      watch.picture()
      await clock.advance(100)
      for (const { state, message } of watch.due('')) {
        phases.push(state?.phase)
        t.equal(message, 'Camera yard gives pictures again')
      }
    }
    t.strictSame(phases, ['end'])
    await clock.advance(2000)
    t.strictSame(
      watch.due('gone').map(({ state }) => state?.phase),
      ['begin'],
    )
    watch.excuse()
    await clock.advance(60_000)
    t.strictSame(watch.due('gone'), [], 'it is away still, and was said to be')
  },
)
