import t from 'tap'
import { MAX_SNOOZES, type Snooze, snoozeExample } from '#schemas/snooze.ts'
import { HISTORY_LIMITS } from '../../../../../services/agents/video/alerting/history/history-limits.ts'
import { SnoozeStore } from '../../../../../services/agents/video/alerting/snoozes/snooze-store.ts'
import { withServers } from '../../../../support/servers.ts'
import { openRedis } from '../alerting-fixture.ts'

const { redisUrl } = await withServers(t)
const store = new SnoozeStore(await openRedis(t, redisUrl))
const AT_MS = snoozeExample.fromMs

let tenants = 0
/** Snoozes of a tenant that has none yet. */
function newTenant() {
  const tenant = `tenant-${tenants++}`
  let snoozes = 0
  const snooze = (about: Partial<Snooze> = {}): Snooze => ({
    ...snoozeExample,
    id: `s${++snoozes}`,
    tenant,
    ...about,
  })
  const hiding = (rule: string, atMs: number, camera = 'yard') =>
    store.hiding({ tenant, camera, rule: { id: rule } }, atMs)
  return { tenant, snooze, hiding }
}

t.test('a snooze is there for its tenant as it was put, and the last of an id holds', async (t) => {
  const { tenant, snooze } = newTenant()
  const first = snooze()
  t.equal(await store.put(first, AT_MS), 'done')
  t.strictSame(await store.get(tenant, first.id), first)
  const ended = { ...first, endedAtMs: AT_MS + 5, endedBy: 'bob' }
  await store.put(ended, AT_MS + 5)
  t.strictSame(await store.list(tenant), [ended])
  t.equal(await store.get(tenant, 'snone'), undefined)
  t.equal(await store.get(newTenant().tenant, first.id), undefined)
})

t.test('of several that hide an alert, the one that ends last', async (t) => {
  const { snooze, hiding } = newTenant()
  const { rule: _rule, ...whole } = snooze({ untilMs: AT_MS + 20_000 })
  const short = snooze({ rule: 'gate-access', untilMs: AT_MS + 10_000 })
  for (const each of [short, whole]) await store.put(each, AT_MS)
  t.equal((await hiding('gate-access', AT_MS))?.id, whole.id)
  t.equal((await hiding('other', AT_MS))?.id, whole.id)
  t.equal(await hiding('gate-access', AT_MS + 20_000), undefined)
  t.equal(await hiding('gate-access', AT_MS, 'street'), undefined)
  await store.put({ ...whole, endedAtMs: AT_MS + 1 }, AT_MS + 1)
  t.equal((await hiding('gate-access', AT_MS + 2))?.id, short.id)
  t.equal(await hiding('other', AT_MS + 2), undefined)
})

t.test(
  'so many may hold at once: those that are over leave room, and one that is there can be ended',
  async (t) => {
    const { snooze } = newTenant()
    const all = Array.from({ length: MAX_SNOOZES }, () => snooze())
    for (const each of all) t.equal(await store.put(each, AT_MS), 'done')
    const more = snooze()
    t.equal(await store.put(more, AT_MS), 'full')
    t.equal(await store.get(more.tenant, more.id), undefined)
    t.equal(await store.put({ ...all[0]!, endedAtMs: AT_MS + 1 }, AT_MS + 1), 'done')
    t.equal(await store.put(more, AT_MS + 1), 'done')
  },
)

t.test('what ended longer ago than alerts are kept is forgotten', async (t) => {
  const { tenant, snooze } = newTenant()
  const [old, kept] = [snooze({ untilMs: AT_MS }), snooze({ untilMs: AT_MS + 1 })]
  for (const each of [old, kept]) await store.put(each, AT_MS)
  const next = snooze({ fromMs: AT_MS + 10, untilMs: AT_MS + HISTORY_LIMITS.keepMs + 10 })
  await store.put(next, AT_MS + HISTORY_LIMITS.keepMs + 1)
  t.strictSame((await store.list(tenant)).map(({ id }) => id).toSorted(), [kept.id, next.id].toSorted())
})
