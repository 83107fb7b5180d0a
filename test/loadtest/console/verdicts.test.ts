import t from 'tap'
import { frameFigures, heapFigures, judge, verdictLine } from '../../../loadtest/console/verdicts.ts'

t.test('a value is judged by its budget; one that is none holds nothing', async (t) => {
  t.ok(judge('a', 200, 'at most', 200).holds)
  t.notOk(judge('a', 200.1, 'at most', 200).holds)
  t.ok(judge('a', 58, 'at least', 58, 'fps').holds)
  t.notOk(judge('a', Number.NaN, 'at most', 1).holds)
  t.notOk(judge('a', Number.NaN, 'at least', 1).holds)
  t.equal(verdictLine(judge('update', 250, 'at most', 200)), 'BROKEN  update: 250 ms, at most 200 ms')
})

t.test('frames: how many a second, and how many came in time', async (t) => {
  const gaps = [...Array.from({ length: 96 }, () => 16.7), 33.3, 33.4, 50, 100]
  t.match(frameFigures(gaps), { within17: 0.96, within34: 0.98, p95Ms: 16.7, maxMs: 100 })
  t.equal(frameFigures([10, 10, 20]).fps, 75)
})

t.test('heaps: what they were at most, and what came in the second half', async (t) => {
  const mb = (values: number[]) => values.map((value) => value * 1e6)
  t.strictSame(heapFigures(mb([10, 30, 40, 42, 41, 40, 42, 41])), {
    firstMb: 10,
    maxMb: 42,
    lastMb: 41,
    grownMb: 0,
  })
  t.equal(heapFigures(mb([10, 20, 30, 40, 50, 60, 70, 80, 90])).grownMb, 30)
})
