import t from 'tap'
import { bookmarkExample } from '#schemas/bookmark.ts'
import {
  countByReview,
  filterBookmarks,
  localMoment,
  momentVideoUrl,
  readMoment,
} from '../../../../services/console/screens/review/bookmarks.ts'

const { review: _review, ...moment } = {
  ...bookmarkExample,
  id: 'b2',
  camera: 'gate',
  by: 'bob',
  note: 'A fence',
}
const BOTH = [bookmarkExample, moment]
const ANY = { camera: undefined, by: undefined, text: undefined }

t.test('by camera, by person, by what stands in the note', async (t) => {
  const ids = (filter: Partial<typeof ANY> | Record<string, string>) =>
    filterBookmarks(BOTH, { ...ANY, ...filter }).map(({ id }) => id)
  t.strictSame(ids({}), [bookmarkExample.id, 'b2'])
  t.strictSame(ids({ camera: 'gate' }), ['b2'])
  t.strictSame(ids({ by: 'anna' }), [bookmarkExample.id])
  t.strictSame(ids({ text: 'FENCE' }), ['b2'])
})

t.test('each review item knows how many it has', async (t) => {
  t.strictSame([...countByReview([...BOTH, { ...bookmarkExample, id: 'b3' }])], [[bookmarkExample.review, 2]])
})

t.test('a moment as a field has it, and the video around it', async (t) => {
  t.equal(readMoment(localMoment(1_790_000_001_700)), 1_790_000_001_000)
  t.equal(readMoment('soon'), undefined)
  t.equal(
    momentVideoUrl({ camera: 'yard', atMs: 1_790_000_001_700 }),
    '/v1/recordings/yard/video?from=1789999991700&to=1790000021700',
  )
})
