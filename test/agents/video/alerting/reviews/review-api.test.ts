import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { createHttpClient } from '#platform/http/http-client.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import { REVIEW_LIMITS } from '#schemas/review.ts'
import type { RequestInput, ResponseOf } from '#subjects/operations.ts'
import { loadAlertingConfig } from '../../../../../services/agents/video/alerting/sinks/alerting-config.ts'
import { createSinks } from '../../../../../services/agents/video/alerting/sinks/create-sinks.ts'
import { startServer } from '../../../../platform/http/local-server.ts'
import { until } from '../../../../support/until.ts'
import { createAlertingWorld, eventOf, publishEvent, ruleOf, startAlerting } from '../alerting-fixture.ts'
import { ok, QUICK, webhookEnv } from '../sinks/sink-fixture.ts'

const { servers, bus, list, settled, flushRedis } = await createAlertingWorld(t)
const ask = <
  Name extends
    | 'listReviews'
    | 'getReview'
    | 'markReviews'
    | 'changeAlerts'
    | 'addSnooze'
    | 'listSnoozes'
    | 'endSnooze',
>(
  name: Name,
  request: RequestInput<Name>,
): Promise<ResponseOf<Name>> => bus.call(name, request, { timeoutMs: 5000 })
const BASE_MS = systemClock.nowMs() - 3_600_000
/** Events of one camera, so many seconds after the first, one after the other. */
async function raise(camera: string, seconds: readonly number[], about: Partial<CameraEvent> = {}) {
  for (const at of seconds) {
    await publishEvent(bus, eventOf({ camera, atMs: BASE_MS + at * 1000, ...about }))
    await settled()
  }
}

t.test('alerts of one camera that overlap are one item, with the highest severity', async (t) => {
  await startAlerting(t, servers)
  await raise('yard', [0, 20], { rule: ruleOf('low') })
  await raise('yard', [40], { rule: ruleOf('critical') })
  await raise('yard', [40 + REVIEW_LIMITS.gapMs / 1000 + 1], { rule: ruleOf('low') })
  await raise('street', [10])
  const { reviews } = await ask('listReviews', { camera: 'yard' })
  t.match(reviews, [
    { severity: 'low', alerts: [String], beganAtMs: BASE_MS + 71_000 },
    {
      severity: 'critical',
      alerts: [String, String, String],
      beganAtMs: BASE_MS,
      endedAtMs: BASE_MS + 40_000,
      isOngoing: false,
      reviewedBy: [],
    },
  ])
  const found = await ask('getReview', { id: reviews[1]!.id })
  t.strictSame(
    found.alerts.map(({ id }) => id),
    reviews[1]!.alerts,
  )
  t.ok(found.alerts.every(({ review }) => review === reviews[1]!.id))
  t.equal((await ask('listReviews', {})).reviews.length, 3)
  const page = await ask('listReviews', { limit: 2 })
  t.equal((await ask('listReviews', { limit: 2, cursor: page.nextCursor })).reviews.length, 1)
})

t.test('what only counts makes its item longer', async (t) => {
  await startAlerting(t, servers)
  const rule = ruleOf('high', { cooldownMs: 60_000 })
  await raise('longer', [0, 25, 50], { rule, subject: 'track-1' })
  await raise('longer', [75], { rule, subject: 'track-2' })
  const { reviews } = await ask('listReviews', { camera: 'longer' })
  t.match(reviews, [{ alerts: [String, String], endedAtMs: BASE_MS + 75_000 }])
})

t.test('each person marks what he has looked at; that outlives an emptied Redis', async (t) => {
  await startAlerting(t, servers)
  const { reviews } = await ask('listReviews', { camera: 'yard' })
  const [first, second] = reviews.map(({ id }) => id) as [string, string]
  const marked = await ask('markReviews', { ids: [first, 'rnone'], by: 'anna' })
  t.match(marked.results, [
    { id: first, outcome: 'done', review: { reviewedBy: [{ by: 'anna' }] } },
    { id: 'rnone', outcome: 'failed', problem: { code: 'REVIEW_NOT_FOUND' } },
  ])
  await ask('markReviews', { ids: [first, second], by: 'bob' })
  await ask('markReviews', { ids: [second], by: 'bob', reviewed: false })
  const idsFor = async (who: object) =>
    (await ask('listReviews', { camera: 'yard', ...who })).reviews.map(({ id }) => id)
  const before = await ask('listReviews', {})
  for (const emptied of [false, true]) {
    if (emptied) await flushRedis()
    t.strictSame(await idsFor({ notReviewedBy: 'anna' }), [second])
    t.strictSame(await idsFor({ reviewedBy: 'bob' }), [first])
    t.strictSame(await idsFor({ notReviewedBy: 'carl' }), [first, second])
  }
  t.strictSame(
    (await ask('listReviews', {})).reviews.map(({ id, alerts }) => [id, alerts]),
    before.reviews.map(({ id, alerts }) => [id, alerts]),
    'items are made again as they were',
  )
  await t.rejects(ask('getReview', { id: 'rnone' }), MurmurError)
})

t.test('many alerts are acknowledged and resolved at once, each with what became of it', async (t) => {
  await startAlerting(t, servers)
  await raise('many', [0, 1, 2], { rule: ruleOf('high') })
  await raise('many', [3], { rule: ruleOf('low') })
  const ids = (await list({ camera: 'many' })).map(({ id }) => id)
  const filter = { camera: 'many', rule: 'rule-high' }
  const dry = await ask('changeAlerts', { status: 'acknowledged', filter, dryRun: true })
  t.strictSame(
    dry.results.map(({ outcome, status }) => [outcome, status]),
    Array(3).fill(['planned', 'open']),
  )
  t.ok(
    (await list({ camera: 'many' })).every(({ status }) => status === 'open'),
    'nothing was changed',
  )
  const done = await ask('changeAlerts', { status: 'acknowledged', filter, by: 'anna', note: 'seen' })
  t.equal(done.results.filter(({ outcome }) => outcome === 'done').length, 3)
  t.match((await list({ camera: 'many', status: 'acknowledged' }))[0], { changedBy: 'anna', note: 'seen' })
  const both = await ask('changeAlerts', { status: 'acknowledged', ids: [...ids, 'anone'] })
  t.strictSame(both.results.map(({ outcome, problem }) => problem?.code ?? outcome).sort(), [
    'ALERT_NOT_FOUND',
    ...Array(3).fill('ALERT_STATE_CONFLICT'),
    'done',
  ])
  let cursor: string | undefined
  let resolved = 0
  do {
    const page = await ask('changeAlerts', {
      status: 'resolved',
      filter: { camera: 'many' },
      limit: 3,
      cursor,
    })
    resolved += page.results.length
    cursor = page.nextCursor
  } while (cursor !== undefined)
  t.equal(resolved, 4)
  for (const wrong of [{}, { filter: {} }, { ids, filter }])
    await t.rejects(ask('changeAlerts', { status: 'resolved', ...wrong }), { code: 'INVALID_REQUEST' })
})

t.test(
  'a snooze hides what it is about from sinks, until it ends; its alerts are in the history',
  async (t) => {
    const receiver = await startServer(t, ok)
    const http = createHttpClient({ allow: ['127.0.0.1'], ports: 'any' })
    t.teardown(() => http.close())
    const all = createSinks(loadAlertingConfig(webhookEnv(receiver.origin)))
    await startAlerting(t, servers, { sinks: { all, http, options: QUICK } })
    const { snooze } = await ask('addSnooze', {
      camera: 'gate',
      rule: 'rule-low',
      forMs: 60_000,
      by: 'anna',
      reason: 'wind',
    })
    await raise('gate', [0, 1], { rule: ruleOf('low') })
    await raise('gate', [2], { rule: ruleOf('high') })
    await until('the other one arrives', () => receiver.seen.length > 0)
    t.match(await list({ camera: 'gate' }), [
      { severity: 'high' },
      { severity: 'low', snoozed: { id: snooze.id, by: 'anna', untilMs: snooze.untilMs, reason: 'wind' } },
      { severity: 'low', snoozed: { id: snooze.id } },
    ])
    await flushRedis()
    t.match((await ask('listSnoozes', { camera: 'gate' })).snoozes, [snooze])
    t.equal((await list({ camera: 'gate' })).filter(({ snoozed }) => snoozed).length, 2)
    t.match((await ask('endSnooze', { id: snooze.id, by: 'bob' })).snooze, { endedBy: 'bob' })
    t.strictSame((await ask('listSnoozes', {})).snoozes, [])
    t.match((await ask('listSnoozes', { ended: true })).snoozes, [{ id: snooze.id, endedBy: 'bob' }])
    await raise('gate', [3], { rule: ruleOf('low') })
    await until('sinks are told again', () => /rule-low/.test(receiver.seen.at(-1)?.body ?? ''))
    // At least once: each by its id.
    const told = new Map(
      receiver.seen.map(({ body }) => [JSON.parse(body).id, JSON.parse(body).data.severity]),
    )
    t.strictSame([...told.values()], ['high', 'low'])
    for (const wrong of [{ untilMs: 1 }, { untilMs: systemClock.nowMs() + 40 * 86_400_000 }, {}])
      await t.rejects(ask('addSnooze', { camera: 'gate', ...wrong }), { code: 'INVALID_REQUEST' })
    await t.rejects(ask('endSnooze', { id: 'snone' }), { code: 'SNOOZE_NOT_FOUND' })
  },
)
