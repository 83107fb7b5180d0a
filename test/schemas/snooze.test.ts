import fc from 'fast-check'
import t from 'tap'
import {
  addSnoozeRequestSchema,
  endSnoozeRequestSchema,
  isSnoozing,
  listSnoozesRequestSchema,
  MAX_SNOOZE_MS,
  type Snooze,
  snoozeExample,
  snoozeSchema,
} from '#schemas/snooze.ts'

const { rule: ONE_RULE, ...OF_CAMERA } = snoozeExample
const ALERT = { camera: 'yard', rule: { id: ONE_RULE! } }

t.test(
  'a snooze hides what its camera, or its rule, raises from its start until before its end',
  async (t) => {
    const { fromMs, untilMs } = snoozeExample
    t.ok(isSnoozing(snoozeExample, ALERT, fromMs))
    t.ok(isSnoozing(snoozeExample, ALERT, untilMs - 1))
    t.notOk(isSnoozing(snoozeExample, ALERT, fromMs - 1))
    t.notOk(isSnoozing(snoozeExample, ALERT, untilMs))
    t.notOk(isSnoozing(snoozeExample, { ...ALERT, rule: { id: 'other' } }, fromMs))
    t.ok(isSnoozing(OF_CAMERA, { ...ALERT, rule: { id: 'other' } }, fromMs), 'without a rule: all of them')
    t.notOk(isSnoozing(OF_CAMERA, { ...ALERT, camera: 'gate' }, fromMs))
  },
)

t.test('one that was ended hides nothing any more', async () => {
  const ended: Snooze = { ...snoozeExample, endedAtMs: snoozeExample.fromMs + 1 }
  const times = fc.integer({ min: snoozeExample.fromMs - 10_000, max: snoozeExample.untilMs + 10_000 })
  fc.assert(fc.property(times, (atMs) => !isSnoozing(ended, ALERT, atMs)))
})

t.test('a request names a camera and one end, within the limits', async (t) => {
  const isFine = (request: object) => addSnoozeRequestSchema.safeParse({ camera: 'yard', ...request }).success
  t.ok(isFine({ forMs: 1000 }))
  t.ok(isFine({ forMs: MAX_SNOOZE_MS, rule: 'gate-access', reason: 'r'.repeat(500) }))
  t.ok(isFine({ untilMs: 0 }), 'whether it is in the past is for the service, which has a clock')
  for (const bad of [
    {},
    { forMs: 1000, untilMs: 1 },
    { forMs: 999 },
    { forMs: MAX_SNOOZE_MS + 1 },
    { forMs: 1000.5 },
    { forMs: 1000, reason: 'r'.repeat(501) },
    { forMs: 1000, camera: 'a.b' },
    { forMs: 1000, rule: '*' },
    { forMs: 1000, by: '' },
    { forMs: 1000, until: 5 },
  ])
    t.notOk(isFine(bad), JSON.stringify(bad))
})

t.test('ids, lists and the example', async (t) => {
  t.strictSame(snoozeSchema.parse(snoozeExample), snoozeExample)
  t.notOk(endSnoozeRequestSchema.safeParse({ id: 'r123' }).success, 'the id of something else')
  t.notOk(endSnoozeRequestSchema.safeParse({ id: `s${'1'.repeat(63)}` }).success)
  t.strictSame(listSnoozesRequestSchema.parse({}), { ended: false })
})
