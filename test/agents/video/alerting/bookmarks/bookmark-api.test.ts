import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import type { RequestInput, ResponseOf } from '#subjects/operations.ts'
import { createAlertingWorld, eventOf, publishEvent, startAlerting } from '../alerting-fixture.ts'

const { servers, bus, list, settled, flushRedis } = await createAlertingWorld(t)
const ask = <Name extends 'addBookmark' | 'listBookmarks' | 'removeBookmark' | 'getReview'>(
  name: Name,
  request: RequestInput<Name>,
): Promise<ResponseOf<Name>> => bus.call(name, request, { timeoutMs: 5000 })
const BASE_MS = systemClock.nowMs() - 3_600_000
async function raise(camera: string, about: Partial<CameraEvent> = {}) {
  await publishEvent(bus, eventOf({ camera, atMs: BASE_MS, ...about }))
  await settled()
}
await startAlerting(t, servers)

t.test(
  'an alert, a review item and a moment of a camera are found again, also after Redis was emptied',
  async (t) => {
    await raise('yard')
    const [alert] = await list({ camera: 'yard' })
    const one = (await ask('addBookmark', { alert: alert!.id, note: 'the Green van', by: 'anna' })).bookmark
    t.match(one, { camera: 'yard', atMs: BASE_MS, alert: alert!.id, review: alert!.review!, by: 'anna' })
    const two = (await ask('addBookmark', { review: alert!.review! })).bookmark
    t.match(two, { camera: 'yard', atMs: BASE_MS, review: alert!.review!, by: 'somebody' })
    const atMs = BASE_MS + 60_000
    const three = (await ask('addBookmark', { camera: 'gate', atMs, by: 'bob' })).bookmark
    const gone = (await ask('addBookmark', { camera: 'gate', atMs: BASE_MS, by: 'bob' })).bookmark
    t.match((await ask('removeBookmark', { id: gone.id, by: 'anna' })).bookmark, { removedBy: 'anna' })

    const found = async (request: RequestInput<'listBookmarks'>) =>
      (await ask('listBookmarks', request)).bookmarks.map(({ id }) => id)
    const check = async () => {
      t.strictSame((await found({}))[0], three.id, 'the latest moment first')
      t.strictSame((await found({ camera: 'yard' })).toSorted(), [one.id, two.id].toSorted())
      t.strictSame(await found({ alert: alert!.id }), [one.id])
      t.strictSame(await found({ by: 'bob' }), [three.id])
      t.strictSame(await found({ text: 'green' }), [one.id])
      t.strictSame(await found({ sinceMs: Math.ceil(BASE_MS) + 1 }), [three.id])
      t.strictSame((await found({ beforeMs: Math.ceil(BASE_MS) + 1 })).length, 2)
    }
    await check()
    await flushRedis()
    await check()
  },
)

t.test('page by page', async (t) => {
  const ids: string[] = []
  for (let i = 0; i < 5; i++)
    ids.push((await ask('addBookmark', { camera: 'hall', atMs: 1000 + i })).bookmark.id)
  const first = await ask('listBookmarks', { camera: 'hall', limit: 3 })
  const rest = await ask('listBookmarks', { camera: 'hall', limit: 3, cursor: first.nextCursor! })
  t.strictSame(
    [...first.bookmarks, ...rest.bookmarks].map(({ id }) => id),
    ids.toReversed(),
  )
  t.equal(rest.nextCursor, undefined)
})

t.test('what can not be found again is refused', async (t) => {
  await t.rejects(ask('addBookmark', { alert: 'anone' }), { code: 'ALERT_NOT_FOUND' })
  await t.rejects(ask('addBookmark', { review: 'rnone' }), { code: 'REVIEW_NOT_FOUND' })
  await t.rejects(ask('removeBookmark', { id: 'bnone' }), { code: 'BOOKMARK_NOT_FOUND' })
  const soonMs = Math.round(systemClock.nowMs() + 3_600_000)
  for (const wrong of [{}, { camera: 'yard' }, { atMs: 5 }, { alert: 'a', review: 'rb' }])
    await t.rejects(ask('addBookmark', wrong), { code: 'INVALID_REQUEST' }, JSON.stringify(wrong))
  await t.rejects(ask('addBookmark', { camera: 'yard', atMs: soonMs }), { code: 'INVALID_REQUEST' })
  await t.rejects(ask('addBookmark', { camera: 'yard', atMs: 1, note: 'x'.repeat(501) }), {
    code: 'INVALID_REQUEST',
  })
})
