import t from 'tap'
import {
  compareSeverity,
  lineSchema,
  SEVERITIES,
  scheduleSchema,
  watchRuleSchema,
} from '#schemas/watch-rule.ts'

t.test('the most severe comes first', async (t) => {
  t.strictSame(['low', 'critical', 'medium', 'high'].toSorted(compareSeverity as never), [...SEVERITIES])
  t.ok(compareSeverity('critical', 'high') < 0)
  t.equal(compareSeverity('low', 'low'), 0)
})

t.test('schedules have zones that exist and times that a clock shows', async (t) => {
  t.strictSame(scheduleSchema.parse({}), { from: '00:00', to: '00:00', timeZone: 'UTC' })
  t.ok(scheduleSchema.safeParse({ from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' }).success)
  for (const bad of [{ timeZone: 'Europe/Atlantis' }, { from: '24:00' }, { to: '6:00' }, { days: [] }])
    t.notOk(scheduleSchema.safeParse(bad).success, JSON.stringify(bad))
})

t.test('a line has two ends; a rule has the defaults of its kind', async (t) => {
  t.ok(lineSchema.safeParse({ id: 'a', from: [0, 0], to: [1, 0] }).success)
  t.match(lineSchema.safeParse({ id: 'a', from: [0.5, 0.5], to: [0.5, 0.5] }).error?.issues, [
    { message: 'a line needs two different ends' },
  ])
  t.match(watchRuleSchema.parse({ kind: 'loitering', id: 'l', zone: 'z' }), {
    dwellMs: 10_000,
    classes: ['person'],
    severity: 'medium',
    cooldownMs: 60_000,
  })
  t.notOk(watchRuleSchema.safeParse({ kind: 'crowd', id: 'c', minCount: 1 }).success, 'one is no crowd')
})
