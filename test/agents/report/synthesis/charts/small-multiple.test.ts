import t from 'tap'
import { sharedDomain } from '../../../../../services/agents/report/synthesis/charts/small-multiple.ts'

const series = (low: number, high: number) => ({
  xKind: 'time' as const,
  points: [
    [0, low],
    [1, high],
  ] as [number, number][],
})

t.test('axes are shared where no entity is flattened by it', async (t) => {
  t.strictSame(sharedDomain([series(0, 10), series(5, 30)]), { domain: [0, 30], isShared: true })
  t.equal(sharedDomain([series(0, 1), series(0, 1000)]).isShared, false)
})
