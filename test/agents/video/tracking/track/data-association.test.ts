import fc from 'fast-check'
import t from 'tap'
import {
  associateByClass,
  solveAssignment,
} from '../../../../../services/agents/video/tracking/track/data-association.ts'
import { startTrack } from '../../../../../services/agents/video/tracking/track/track-life-cycle.ts'
import { person, vehicle } from '../tracking-fixtures.ts'

t.test('assign finds what trying everything finds', async (_t) => {
  const cost = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(Number.POSITIVE_INFINITY))
  const matrix = fc
    .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }))
    .chain(([rows, columns]) =>
      fc.array(fc.array(cost, { minLength: columns, maxLength: columns }), {
        minLength: rows,
        maxLength: rows,
      }),
    )
  fc.assert(
    fc.property(matrix, fc.integer({ min: 1, max: 15 }), (costs, limit) => {
      const chosen = solveAssignment(costs, limit)
      const taken = chosen.filter((column) => column >= 0)
      if (chosen.length !== costs.length || new Set(taken).size !== taken.length) return false
      if (chosen.some((column, row) => column >= 0 && !(costs[row]![column]! < limit))) return false
      const sum = chosen.reduce((sum, column, row) => sum + (column < 0 ? limit : costs[row]![column]!), 0)
      return sum === cheapest(costs, limit)
    }),
    { numRuns: 500 },
  )

  function cheapest(
    costs: readonly (readonly number[])[],
    limit: number,
    row = 0,
    used = new Set<number>(),
  ): number {
    if (row === costs.length) return 0
    let best = limit + cheapest(costs, limit, row + 1, used)
    costs[row]!.forEach((cost, column) => {
      if (used.has(column) || cost >= limit) return
      best = Math.min(best, cost + cheapest(costs, limit, row + 1, new Set([...used, column])))
    })
    return best
  }
})

t.test('the sum of costs decides, not the first come', async (t) => {
  t.strictSame(
    solveAssignment(
      [
        [1, 2],
        [1, 10],
      ],
      20,
    ),
    [1, 0],
  )
  t.strictSame(solveAssignment([[1], [2]], 20), [0, -1], 'one of them stays alone')
  t.strictSame(solveAssignment([[5, 5]], 5), [-1], 'at the limit it is left alone')
  t.strictSame(solveAssignment([[], []], 5), [-1, -1])
  t.strictSame(solveAssignment([], 5), [])
})

t.test('a track is paired with detections of its class only', async (t) => {
  const track = startTrack(person([0.5, 0.5]), 1, 0)
  const car = vehicle([0.4, 0.4, 0.6, 0.6])
  const walker = person([0.9, 0.9])
  const { pairs, tracks, detections } = associateByClass(
    { tracks: [track], detections: [car, walker] },
    () => 0.5,
    1,
  )
  t.strictSame(pairs, [[track, walker]])
  t.strictSame(tracks, [])
  t.strictSame(detections, [car])
  const none = associateByClass({ tracks: [track], detections: [car] }, () => 0, 1)
  t.strictSame([none.pairs, none.tracks, none.detections], [[], [track], [car]])
})
