import t from 'tap'
import { REVIEW_LIMITS } from '#schemas/review.ts'
import { alertFromEvent } from '../../../../../services/agents/video/alerting/alert-from-event.ts'
import { HISTORY_LIMITS } from '../../../../../services/agents/video/alerting/history/history-limits.ts'
import { ReviewStore } from '../../../../../services/agents/video/alerting/reviews/review-store.ts'
import { withServers } from '../../../../support/servers.ts'
import { eventOf, openRedis, ruleOf } from '../alerting-fixture.ts'

const { redisUrl } = await withServers(t)
const redis = await openRedis(t, redisUrl)
const store = new ReviewStore(redis)
const AT_MS = 1_790_000_000_000
const { gapMs } = REVIEW_LIMITS

let cameras = 0
/** Alerts of a camera that nobody has seen yet, so long after the first. */
function newCamera(tenant = 'default') {
  const camera = `camera-${cameras++}`
  return (afterMs: number, severity: 'low' | 'high' | 'critical' = 'low') => {
    const atMs = AT_MS + afterMs
    return alertFromEvent(eventOf({ tenant, camera, atMs, rule: ruleOf(severity) }), atMs)
  }
}
const read = async (id: string, nowMs = AT_MS + 10 * gapMs) => (await store.read([id], nowMs))[0]

t.test(
  'what comes within the gap is one item, of the highest severity; what comes later is the next',
  async (t) => {
    const at = newCamera()
    const [first, near, far] = [at(0), at(gapMs, 'critical'), at(2 * gapMs + 1)]
    const id = await store.assign(first)
    t.match(id, /^r/)
    t.equal(await store.assign(near), id)
    t.not(await store.assign(far), id)
    t.match(await read(id), {
      ...{
        id,
        tenant: 'default',
        camera: first.camera,
        severity: 'critical',
        isOngoing: false,
        reviewedBy: [],
      },
      ...{ beganAtMs: AT_MS, endedAtMs: AT_MS + gapMs, raisedAtMs: AT_MS, alerts: [first.id, near.id] },
    })
    t.equal(await store.assign(near), id, 'again, it gives the same')
    t.equal((await read(id))?.alerts.length, 2)
    t.not(await store.assign(newCamera()(0)), id, 'another camera')
  },
)

t.test('an item goes on for the gap after its end, and for as long as it is said to', async (t) => {
  const id = await store.assign(newCamera()(0))
  t.equal((await read(id, AT_MS + gapMs - 1))?.isOngoing, true)
  t.equal((await read(id, AT_MS + gapMs))?.isOngoing, false)
  await store.extend(id, AT_MS + 5000)
  await store.extend(id, AT_MS + 1000)
  t.match(await read(id, AT_MS + gapMs), { isOngoing: true, endedAtMs: AT_MS + 5000 })
  await store.extend('rnone', AT_MS)
  t.equal(await read('rnone'), undefined, 'nothing is made of what is not there')
})

t.test('marks: the last of each person holds, the newest first', async (t) => {
  const id = await store.assign(newCamera()(0))
  const mark = (by: string, atMs: number, reviewed = true, of = id) =>
    store.mark({ id: of, tenant: 'default', camera: 'any', by, atMs, reviewed })
  t.equal(await mark('anna', 10), 'done')
  t.equal(await mark('bob', 20), 'done')
  t.strictSame((await read(id))?.reviewedBy, [
    { by: 'bob', atMs: 20 },
    { by: 'anna', atMs: 10 },
  ])
  await mark('bob', 30, false)
  await mark('bob', 25)
  t.strictSame((await read(id))?.reviewedBy, [{ by: 'anna', atMs: 10 }], 'taken back, by the later mark')
  t.equal(await mark('anna', 10, true, 'rnone'), 'missing')
})

t.test('so many persons may mark an item, and those who have may again', async (t) => {
  const id = await store.assign(newCamera()(0))
  const mark = (by: string, atMs: number) =>
    store.mark({ id, tenant: 'default', camera: 'any', by, atMs, reviewed: true })
  for (let i = 0; i < REVIEW_LIMITS.persons; i++) await mark(`p${i}`, i + 1)
  t.equal(await mark('one more', 1000), 'full')
  t.equal(await mark('p0', 1000), 'done')
  t.match(await read(id), { reviewedBy: { length: REVIEW_LIMITS.persons, 0: { by: 'p0' } } })
})

t.test(
  'items of a tenant are listed the newest first, page by page, up to as many as are kept',
  async (t) => {
    const few = new ReviewStore(redis, { ...HISTORY_LIMITS, keep: 3 })
    const ids: string[] = []
    const at = newCamera('acme')
    for (let i = 0; i < 5; i++) ids.unshift(await few.assign(at(i * 2 * gapMs)))
    t.strictSame(await few.newest('acme', { max: '+inf', start: 0, count: 10 }), ids.slice(0, 3))
    t.strictSame(await few.newest('acme', { max: '+inf', start: 1, count: 1 }), [ids[1]])
    t.strictSame(await few.newest('acme', { max: AT_MS + 6 * gapMs, start: 0, count: 1 }), [ids[1]])
    t.strictSame(await few.newest('nobody', { max: '+inf', start: 0, count: 10 }), [])
    t.equal(await read(ids[4]!), undefined, 'the oldest is gone with its alerts')
  },
)
