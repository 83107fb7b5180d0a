import t from 'tap'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { MAX_SPAN_MS } from '#schemas/recording.ts'
import { MAX_REPLAYED_EVENTS, rulesReplayInputSchema, rulesReplaySchema } from '#schemas/rules-replay.ts'

const SQUARE = [
  [0, 0],
  [1, 0],
  [1, 1],
]
const INPUT = {
  camera: 'yard',
  fromMs: 1000,
  toMs: 2000,
  zones: [{ id: 'gate', polygon: SQUARE }],
  rules: [{ id: 'gate-access', kind: 'intrusion', zone: 'gate' }],
}
const problems = (about: object) =>
  rulesReplayInputSchema.safeParse({ ...INPUT, ...about }).error?.issues.map(({ message }) => message) ?? []

t.test('ten minutes before the span are looked at, unless said otherwise', async (t) => {
  t.strictSame(problems({}), [])
  t.equal(rulesReplayInputSchema.parse(INPUT).warmUpMs, 600_000)
  t.equal(rulesReplayInputSchema.parse({ ...INPUT, warmUpMs: 0 }).warmUpMs, 0)
  t.equal(problems({ warmUpMs: 86_400_001 }).length, 1)
})

t.test('a span goes forward and is 31 days long at most', async (t) => {
  t.strictSame(problems({ toMs: 1000 }), ['must be later than fromMs'])
  t.strictSame(problems({ toMs: 1000 + MAX_SPAN_MS }), [])
  t.strictSame(problems({ toMs: 1001 + MAX_SPAN_MS }), ['must be within 31 days of fromMs'])
  t.equal(problems({ fromMs: -1 }).length, 1)
})

t.test('rules name zones that are there, as those of a monitor do', async (t) => {
  t.equal(problems({ zones: [] }).length > 0, true)
  t.equal(problems({ rules: [{ id: 'a', kind: 'nothing-known' }] }).length > 0, true)
  const crossed = [
    [0, 0],
    [1, 1],
    [1, 0],
    [0, 0.9],
  ]
  t.match(problems({ zones: [{ id: 'gate', polygon: crossed }] }), [/^its edges .* cross at/])
})

t.test('a result holds so many events, and says of each whether it is an alert', async (t) => {
  const event = { ...cameraEventExample, isAlert: true }
  const result = {
    schema: 'murmuration.rules-replay/1',
    ...{ camera: 'yard', fromMs: 1, toMs: 2, frames: 0, late: 0, monitors: [], byRule: {} },
    ...{ events: [event], isCut: false, tookMs: 1, timesRealTime: 1 },
  }
  const isFine = (about: object) => rulesReplaySchema.safeParse({ ...result, ...about }).success
  t.ok(isFine({}), 'nothing was seen: no first and no last frame')
  t.ok(isFine({ events: Array(MAX_REPLAYED_EVENTS).fill(event) }))
  t.notOk(isFine({ events: Array(MAX_REPLAYED_EVENTS + 1).fill(event) }))
  t.notOk(isFine({ events: [cameraEventExample] }))
  t.notOk(isFine({ byRule: { 'gate-access': { events: 1 } } }))
})
