import type { JsonObject } from '#schemas/json.ts'
import { type ConformanceCase, codeOf } from './cases.ts'
import type { Answer } from './transport.ts'

/** What people do about alerts: many at once, reviews, snoozes, bookmarks, false positives. */
export const ALERT_CARE_CASES: readonly ConformanceCase[] = [
  {
    name: 'false positives: none',
    run: (transport) => transport.ask('listFalsePositives', { camera: 'yard' }),
  },
  {
    name: 'false positives: mark no alert',
    run: (transport) => transport.ask('markFalsePositive', { id: 'none' }),
  },
  {
    name: 'false positives: remove none',
    run: (transport) => transport.ask('removeFalsePositive', { id: 'none' }),
  },
  { name: 'alerts: get none', run: (transport) => transport.ask('getAlert', { id: 'anone' }) },
  {
    name: 'alerts: an id that is none',
    run: async (transport) => codeOf(await transport.ask('getAlert', { id: 'x'.repeat(200) })),
  },
  {
    name: 'alerts: a cursor that is none',
    run: (transport) => transport.ask('listAlerts', { cursor: 'AAAA' }),
  },
  {
    name: 'alerts: since then',
    run: (transport) => transport.ask('listAlerts', { sinceMs: 1_700_000_000_000, status: 'open' }),
  },
  {
    name: 'alerts: many of none',
    run: async (transport) =>
      outcomesOf(
        await transport.ask('changeAlerts', { status: 'resolved', ids: ['anone', 'none'], by: 'anna' }),
      ),
  },
  {
    name: 'alerts: a dry run finds none',
    run: (transport) =>
      transport.ask('changeAlerts', { status: 'resolved', filter: { camera: 'nowhere' }, dryRun: true }),
  },
  {
    name: 'alerts: many without saying which',
    run: async (transport) => codeOf(await transport.ask('changeAlerts', { status: 'acknowledged' })),
  },
  {
    name: 'reviews: none',
    run: (transport) => transport.ask('listReviews', { camera: 'nowhere', limit: 5 }),
  },
  { name: 'reviews: get none', run: (transport) => transport.ask('getReview', { id: 'rnone' }) },
  {
    name: 'reviews: mark none',
    run: async (transport) => outcomesOf(await transport.ask('markReviews', { ids: ['rnone'], by: 'anna' })),
  },
  {
    name: 'snoozes: one that begins, is listed and is ended',
    async run(transport) {
      const added = await transport.ask('addSnooze', {
        camera: 'attic',
        rule: 'door',
        forMs: 60_000,
        by: 'anna',
      })
      if (!added.ok) return added
      const { id } = added.body.snooze as JsonObject
      const listed = await transport.ask('listSnoozes', { camera: 'attic' })
      const ended = await transport.ask('endSnooze', { id: String(id), by: 'bob' })
      if (!listed.ok || !ended.ok) return [listed, ended] as never
      const { camera, rule, by, endedBy } = ended.body.snooze as JsonObject
      // The transports ask at the same time, so only one's own is counted.
      const found = (listed.body.snoozes as JsonObject[]).filter((snooze) => snooze.id === id).length
      return { found, camera, rule, by, endedBy } as never
    },
  },
  {
    name: 'snoozes: one without an end',
    run: async (transport) => codeOf(await transport.ask('addSnooze', { camera: 'attic', by: 'anna' })),
  },
  {
    name: 'bookmarks: one that is made, found and taken away',
    async run(transport) {
      const added = await transport.ask('addBookmark', {
        ...{ camera: 'cellar', atMs: 1_700_000_000_000, note: 'The Green van', by: 'anna' },
      })
      if (!added.ok) return added
      const { id } = added.body.bookmark as JsonObject
      const found = await transport.ask('listBookmarks', {
        ...{ camera: 'cellar', by: 'anna', text: 'green', sinceMs: 1_700_000_000_000 },
      })
      const removed = await transport.ask('removeBookmark', { id: String(id) })
      const again = await transport.ask('removeBookmark', { id: String(id) })
      if (!found.ok || !removed.ok || again.ok) return [found, removed, again] as never
      const { camera, atMs, note, by } = removed.body.bookmark as JsonObject
      const own = (found.body.bookmarks as JsonObject[]).filter((bookmark) => bookmark.id === id).length
      return { own, camera, atMs, note, by, again: again.code } as never
    },
  },
  {
    name: 'bookmarks: of no alert',
    run: (transport) => transport.ask('addBookmark', { alert: 'none', by: 'anna' }),
  },
  {
    name: 'bookmarks: of no review item',
    run: (transport) => transport.ask('addBookmark', { review: 'rnone', by: 'anna' }),
  },
  {
    name: 'bookmarks: of nothing',
    run: async (transport) => codeOf(await transport.ask('addBookmark', { note: 'x', by: 'anna' })),
  },
  { name: 'bookmarks: remove none', run: (transport) => transport.ask('removeBookmark', { id: 'bnone' }) },
  { name: 'snoozes: end none', run: (transport) => transport.ask('endSnooze', { id: 'snone', by: 'anna' }) },
]

/** gRPC tells a problem by its code, which has its status. */
function outcomesOf(answer: Answer): Answer {
  if (!answer.ok) return answer
  const results = (answer.body.results as JsonObject[]).map(({ problem, ...result }) => {
    const { status: _, ...told } = problem as JsonObject
    return { ...result, problem: told }
  })
  return { ok: true, body: { ...answer.body, results } }
}
