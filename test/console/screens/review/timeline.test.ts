import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type Review, reviewExample } from '#schemas/review.ts'
import {
  exportCsv,
  filterReviews,
  joinReviews,
  lanesOf,
  ticksOf,
} from '../../../../services/console/screens/review/timeline.ts'
import { alertOf } from '../../../cli/monitor-fixtures.ts'

const review = (id: string, fields: Partial<Review> = {}): Review => ({
  ...reviewExample,
  ...{ id, beganAtMs: 1000, endedAtMs: 2000, reviewedBy: [] },
  ...fields,
})
const NONE = { camera: undefined, severity: undefined, rule: undefined, notReviewedBy: undefined }
const SPAN = { fromMs: 0, toMs: 10_000 }

t.test('alerts come to their item, newest items first', async (t) => {
  const items = joinReviews(
    [review('r1'), review('r2', { beganAtMs: 5000 })],
    [
      alertOf('m', { id: 'b', review: 'r1', raisedAtMs: 2 }),
      alertOf('m', { id: 'a', review: 'r1', raisedAtMs: 1 }),
      alertOf('m', { id: 'lost' }),
    ],
  )
  t.strictSame(
    items.map((item) => [item.review.id, item.alerts.map(({ id }) => id)]),
    [
      ['r2', []],
      ['r1', ['a', 'b']],
    ],
  )
})

t.test('filters', async (t) => {
  const items = joinReviews(
    [
      review('r1', { reviewedBy: [{ by: 'anna', atMs: 1 }] }),
      review('r2', { camera: 'gate', severity: 'low' }),
      review('r3', { beganAtMs: 20_000, endedAtMs: 20_000 }),
    ],
    [alertOf('m', { review: 'r1' })],
  )
  const ids = (filter: object) =>
    filterReviews(items, { ...NONE, ...filter }, SPAN).map((item) => item.review.id)
  t.strictSame(ids({}), ['r1', 'r2'])
  t.strictSame(ids({ camera: 'gate' }), ['r2'])
  t.strictSame(ids({ severity: 'low' }), ['r2'])
  t.strictSame(ids({ rule: 'gate-access' }), ['r1'])
  t.strictSame(ids({ notReviewedBy: 'anna' }), ['r2'])
  t.strictSame(ids({ notReviewedBy: 'bert' }), ['r1', 'r2'])
})

t.test('bars lie within the span and can be hit', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -5000, max: 15_000 }), fc.nat(20_000)), { maxLength: 20 }),
      (times) => {
        const items = joinReviews(
          times.map(([beganAtMs, length], at) =>
            review(`r${at}`, { beganAtMs, endedAtMs: beganAtMs + length, camera: `c${at % 3}` }),
          ),
          [],
        )
        const lanes = lanesOf(items, SPAN)
        assert.deepEqual(
          lanes.map(({ camera }) => camera),
          [...new Set(items.map((item) => item.review.camera))].sort(),
        )
        for (const { bars } of lanes)
          for (const { left, width } of bars)
            assert.ok(left >= 0 && width >= 0.008 - 1e-9 && left + width <= 1 + 1e-9)
      },
    ),
  )
})

t.test('ticks are round moments, eight or nine at most', async (t) => {
  for (const length of [900_000, 3_600_000, 21_600_000, 86_400_000, 604_800_000]) {
    const ticks = ticksOf({ fromMs: 1_790_000_123_456, toMs: 1_790_000_123_456 + length })
    t.ok(ticks.length >= 2 && ticks.length <= 9, `${length}: ${ticks.length}`)
    for (const { atMs, left } of ticks) t.ok(atMs % 60_000 === 0 && left >= 0 && left <= 1)
  }
})

t.test('a table for others: quoted, and no formulas', async (t) => {
  const items = joinReviews(
    [review('r1')],
    [alertOf('m', { review: 'r1', message: '=HYPERLINK("x"), "hey"', atMs: 0 })],
  )
  const [head, row] = exportCsv(items).split('\r\n')
  t.match(head, /^review,alert,camera/)
  t.equal(row, `r1,a1,yard,gate-access,critical,open,1970-01-01T00:00:00.000Z,"'=HYPERLINK(""x""), ""hey""",`)
})
