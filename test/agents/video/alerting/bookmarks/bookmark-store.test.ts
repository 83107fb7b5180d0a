import t from 'tap'
import { type Bookmark, bookmarkExample, MAX_BOOKMARKS } from '#schemas/bookmark.ts'
import { BookmarkStore } from '../../../../../services/agents/video/alerting/bookmarks/bookmark-store.ts'
import { HISTORY_LIMITS } from '../../../../../services/agents/video/alerting/history/history-limits.ts'
import { withServers } from '../../../../support/servers.ts'
import { openRedis } from '../alerting-fixture.ts'

const { redisUrl } = await withServers(t)
const store = new BookmarkStore(await openRedis(t, redisUrl))
const NOW_MS = bookmarkExample.madeAtMs
const of = (tenant: string, id: string, about: Partial<Bookmark> = {}) => ({
  ...bookmarkExample,
  ...{ tenant, id },
  ...about,
})

t.test('a bookmark is there for its tenant until it is taken away', async (t) => {
  const bookmark = of('one', 'b1')
  t.equal(await store.put(bookmark, NOW_MS), 'done')
  t.strictSame(await store.get('one', 'b1'), bookmark)
  t.equal(await store.get('another', 'b1'), undefined)
  t.strictSame(await store.list('one', NOW_MS), [bookmark])
  await store.remove('one', 'b1')
  t.equal(await store.get('one', 'b1'), undefined)
})

/** As many as there may be. */
async function fill(tenant: string) {
  for (let at = 0; at < MAX_BOOKMARKS; at += 100)
    await Promise.all(Array.from({ length: 100 }, (_, i) => store.put(of(tenant, `b${at + i}`), NOW_MS)))
}

t.test(
  'there is room for so many: one that is there may be put again, one that goes leaves room',
  async (t) => {
    await fill('many')
    t.equal(await store.put(of('many', 'bmore'), NOW_MS), 'full')
    t.equal(await store.put(of('many', 'b0', { note: 'again' }), NOW_MS), 'done')
    await store.remove('many', 'b0')
    t.equal(await store.put(of('many', 'bmore'), NOW_MS), 'done')
  },
)

t.test('what is older than alerts are kept is not listed, and makes room', async (t) => {
  await fill('old')
  const laterMs = NOW_MS + HISTORY_LIMITS.keepMs + 1
  t.strictSame(await store.list('old', laterMs), [])
  const next = of('old', 'bnext', { madeAtMs: laterMs })
  t.equal(await store.put(next, laterMs), 'done')
  t.equal(await store.get('old', 'b1'), undefined)
  t.strictSame(await store.list('old', laterMs), [next])
})
