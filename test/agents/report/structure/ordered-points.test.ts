import t from 'tap'
import { orderedPoints } from '../../../../services/agents/report/structure/ordered-points.ts'

type Given = Parameters<typeof orderedPoints>
const column = (values: number[]) =>
  ({ values: Float64Array.from(values), rows: Uint32Array.from(values.keys()) }) as unknown as Given[1]
const table = (at: number[], kind = 'time') =>
  ({ axis: { kind, at: Float64Array.from(at) }, entities: null }) as unknown as Given[0]
const shown = ({ x, y, rows }: ReturnType<typeof orderedPoints>) => [[...x], [...y], [...rows]]

t.test('values in order of time', async (t) => {
  t.strictSame(shown(orderedPoints(table([10, 20, 30]), column([5, 6, 7]))), [
    [10, 20, 30],
    [5, 6, 7],
    [0, 1, 2],
  ])
  t.strictSame(shown(orderedPoints(table([30, 10, 20]), column([7, 5, 6]))), [
    [10, 20, 30],
    [5, 6, 7],
    [1, 2, 0],
  ])
  t.strictSame(shown(orderedPoints(table([10, Number.NaN, 30]), column([5, 6, 7]))), [
    [10, 30],
    [5, 7],
    [0, 2],
  ])
})

t.test('several at one moment are one point, their lower median', async (t) => {
  t.strictSame(shown(orderedPoints(table([10, 10, 10, 20]), column([9, 1, 5, 2]))), [
    [10, 20],
    [5, 2],
    [2, 3],
  ])
})

t.test('steps are counted, and without an axis there is no order', async (t) => {
  t.strictSame(shown(orderedPoints(table([4, 8, 9], 'step'), column([5, 6, 7])))[0], [1, 2, 3])
  t.equal(orderedPoints({ axis: null, entities: null } as unknown as Given[0], column([5, 6, 7])).x.length, 0)
})

t.test('the same column asked twice gives the same points, of another axis others', async (t) => {
  const values = column([5, 6])
  const first = table([10, 20])
  t.equal(orderedPoints(first, values), orderedPoints(first, values))
  t.strictSame([...orderedPoints(table([20, 10]), values).y], [6, 5])
})
