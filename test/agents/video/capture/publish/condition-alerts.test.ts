import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { cameraEventSchema } from '#schemas/camera-event.ts'
import { type CameraRule, watchRuleSchema } from '#schemas/watch-rule.ts'
import {
  conditionRules,
  createConditionAlerts,
} from '../../../../../services/agents/video/capture/publish/condition-alerts.ts'

const ABOUT = { tenant: 'acme', monitor: 'kq3v9x', camera: 'yard' }
const NONE = { forMs: 0 }
const ruleOf = (rule: object) => watchRuleSchema.parse(rule) as CameraRule

t.test('every monitor is told, unless it has rules of its own', (t) => {
  t.strictSame(
    conditionRules([]).map(({ id }) => id),
    ['camera-blind', 'camera-lagging'],
  )
  const own = ruleOf({ id: 'eyes', kind: 'camera-blind', afterMs: 20_000, severity: 'critical' })
  const offline = ruleOf({ id: 'off', kind: 'camera-offline' })
  t.strictSame(
    conditionRules([offline, own]).map(({ id }) => id),
    ['eyes', 'camera-lagging'],
  )
  t.end()
})

t.test('a begin once it has lasted, an end once it is over, each once', async (t) => {
  const clock = createManualClock(1_790_000_000_000)
  const alerts = createConditionAlerts(conditionRules([]), ABOUT, clock)
  const due = (forMs?: number) =>
    alerts.due({
      'camera-blind': forMs === undefined ? NONE : { forMs, reason: 'no detector answers' },
      'camera-lagging': NONE,
    })
  t.strictSame(due(4999), [])
  const [begin, ...more] = due(5000)
  t.strictSame(more, [])
  t.match(begin, {
    ...ABOUT,
    rule: { id: 'camera-blind', kind: 'camera-blind', severity: 'high' },
    state: { phase: 'begin', sinceMs: clock.nowMs() - 5000 },
    subject: 'camera',
    message: /yard is blind: .* since 5 s: no detector answers/,
  })
  t.ok(cameraEventSchema.safeParse(begin).success)
  await clock.advance(35_000)
  const blind = (forMs?: number) => due(forMs).filter(({ rule }) => rule.kind === 'camera-blind')
  t.strictSame(blind(40_000), [], 'it is told once')
  const [end] = blind()
  t.match(end, {
    state: { phase: 'end', sinceMs: clock.nowMs() },
    message: 'Camera yard sees again, after 40 s',
  })
  t.strictSame(blind(), [])
  t.not(begin!.id, end!.id)
})

t.test('what an earlier instance may have told is ended once this one sees that it is over', async (t) => {
  const clock = createManualClock()
  const alerts = createConditionAlerts(conditionRules([]), ABOUT, clock)
  const well = { 'camera-blind': NONE, 'camera-lagging': NONE }
  t.strictSame(alerts.due(well), [])
  await clock.advance(1000)
  t.strictSame(
    alerts.due(well).map(({ rule, state }) => [rule.id, state?.phase]),
    [
      ['camera-blind', 'end'],
      ['camera-lagging', 'end'],
    ],
  )
  t.strictSame(alerts.due(well), [])
})

t.test(
  'an end is of when it was seen to be over: what began before it was told began after it',
  async (t) => {
    const clock = createManualClock()
    const alerts = createConditionAlerts(conditionRules([]), ABOUT, clock)
    const due = (blind: { forMs: number; reason?: string }) =>
      alerts.due({ 'camera-blind': blind }).map(({ state }) => state!)
    t.strictSame(due({ forMs: 0 }), [])
    // Nothing comes back any more; that is noticed later.
    await clock.advance(1000)
    const [end] = due({ forMs: 1000 })
    await clock.advance(4000)
    const [begin] = due({ forMs: 5000, reason: 'no detector answers' })
    t.match([end, begin], [{ phase: 'end' }, { phase: 'begin' }])
    t.ok(end!.sinceMs <= begin!.sinceMs, `${begin!.sinceMs - end!.sinceMs} ms`)
    // There are no pictures for a while, and nobody is waited for: what was seen before ends nothing.
    t.strictSame(due({ forMs: 6000 }), [])
    await clock.advance(1000)
    t.match(due({ forMs: 100 }), [{ phase: 'end', sinceMs: clock.nowMs() - 100 }])
  },
)

t.test('outside of its hours nothing begins', async (t) => {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 12))
  const night = ruleOf({ id: 'night', kind: 'camera-blind', schedule: { from: '22:00', to: '06:00' } })
  const lagging = {
    'camera-blind': { forMs: 60_000, reason: 'x' },
    'camera-lagging': { forMs: 3000, reason: 'y' },
  }
  const alerts = createConditionAlerts(conditionRules([night]), ABOUT, clock)
  t.strictSame(
    alerts.due(lagging).map(({ rule }) => rule.id),
    ['camera-lagging'],
  )
})
