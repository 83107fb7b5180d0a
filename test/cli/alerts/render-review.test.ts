import t from 'tap'
import { type Review, reviewExample } from '#schemas/review.ts'
import { markedRow, renderReviews } from '../../../services/cli/alerts/render-review.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'

const { id, raisedAtMs } = reviewExample
const line = (about: Partial<Review>) =>
  renderReviews([{ ...reviewExample, ...about }], raisedAtMs + 90_000, { paint: noPaint })[1]

t.test('an item on one line: age, how long it lasted, alerts, and who has looked at it', async (t) => {
  const lines = renderReviews([reviewExample, reviewExample], raisedAtMs, { paint: noPaint })
  t.equal(lines.length, 3)
  t.match(lines[0], /item +severity +camera +age +lasted +alerts +reviewed by$/)
  t.match(line({}), new RegExp(`^  ${id} +critical +yard +1 min 30 s +40\\.3 s +1 +anna$`))
  const reviewedBy = [
    { by: 'bob', atMs: 2 },
    { by: 'anna', atMs: 1 },
  ]
  t.match(line({ reviewedBy }), / bob, anna$/)
  t.match(line({ reviewedBy: [] }), / 1$/)
})

t.test('one that goes on is marked', async (t) => {
  t.match(line({ isOngoing: true }), /40\.3 s … +1 /)
})

t.test('a name can not steer the terminal', async (t) => {
  t.notOk(line({ reviewedBy: [{ by: 'an\u001b[31mna', atMs: 1 }] })?.includes('\u001b'))
})

t.test('what became of a mark: green, or red with its reason', async (t) => {
  t.strictSame(markedRow({ id, outcome: 'done' }), [
    { text: id },
    { text: 'done', style: 'green' },
    { text: '', style: 'dim' },
  ])
  const problem = { code: 'REVIEW_NOT_FOUND', message: 'there is no such item' }
  t.match(markedRow({ id, outcome: 'failed', problem: problem as never }), [
    { text: id },
    { text: 'failed', style: 'red' },
    { text: 'REVIEW_NOT_FOUND: there is no such item' },
  ])
})
