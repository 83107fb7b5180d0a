import t from 'tap'
import {
  listReviewsRequestSchema,
  markReviewsRequestSchema,
  REVIEW_LIMITS,
  reviewExample,
  reviewSchema,
} from '#schemas/review.ts'

t.test('an item has an id of its kind, and no more alerts and persons than it may', async (t) => {
  t.strictSame(reviewSchema.parse(reviewExample), reviewExample)
  const isFine = (about: object) => reviewSchema.safeParse({ ...reviewExample, ...about }).success
  for (const id of ['', 'r', 's123', 'a0123', 'r1.2', 'r1 ', `r${'1'.repeat(63)}`])
    t.notOk(isFine({ id }), id)
  t.ok(isFine({ id: `r${'1'.repeat(62)}` }))
  const alerts = Array.from({ length: REVIEW_LIMITS.alerts + 1 }, (_, i) => `a${i}`)
  t.ok(isFine({ alerts: alerts.slice(1) }))
  t.notOk(isFine({ alerts }))
  const reviewedBy = Array.from({ length: REVIEW_LIMITS.persons + 1 }, (_, i) => ({ by: `p${i}`, atMs: i }))
  t.ok(isFine({ reviewedBy: reviewedBy.slice(1) }))
  t.notOk(isFine({ reviewedBy }))
  t.notOk(isFine({ reviewedBy: [{ by: '', atMs: 1 }] }), 'nobody has no name')
})

t.test(
  'marks: reviewed unless said otherwise, at least one and at most as many as the limit says',
  async (t) => {
    const { id } = reviewExample
    t.strictSame(markReviewsRequestSchema.parse({ ids: [id] }), { ids: [id], reviewed: true })
    t.equal(markReviewsRequestSchema.parse({ ids: [id], reviewed: false }).reviewed, false)
    const isFine = (request: object) => markReviewsRequestSchema.safeParse(request).success
    t.notOk(isFine({ ids: [] }))
    t.notOk(isFine({}))
    t.notOk(isFine({ ids: ['a1'] }))
    t.notOk(isFine({ ids: [id], unread: true }), 'what nobody reads is refused')
    const ids = Array.from({ length: REVIEW_LIMITS.marked + 1 }, (_, i) => `r${i}`)
    t.ok(isFine({ ids: ids.slice(1) }))
    t.notOk(isFine({ ids }))
  },
)

t.test('lists: 50 unless asked for fewer or more, 200 at most', async (t) => {
  t.strictSame(listReviewsRequestSchema.parse({}), { limit: 50 })
  const isFine = (request: object) => listReviewsRequestSchema.safeParse(request).success
  t.ok(isFine({ limit: 200, severity: 'critical', notReviewedBy: 'anna', sinceMs: 0 }))
  for (const bad of [
    { limit: 0 },
    { limit: 201 },
    { severity: 'worst' },
    { sinceMs: -1 },
    { notReviewedBy: '' },
  ])
    t.notOk(isFine(bad), JSON.stringify(bad))
})
