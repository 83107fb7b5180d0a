import t from 'tap'
import { scaleResult } from '../../../loadtest/capacity/scale-result.ts'
import { tablesResultSchema } from '../../../loadtest/load/evaluation/tables-schema.ts'

const origin = {
  date: '2030-01-01T00:00:00.000Z',
  command: 'npm run bench:scale',
  machine: { cores: 2, cpu: 'test', memoryGiB: 4, node: '24.0.0', platform: 'linux 6', loadBefore: 0 },
}

t.test('ratios are to the first row of each table', async (t) => {
  const turn = (count: number, perSecond: number) => ({ count, perSecond, cpuUs: 300.4, rssMb: 200 })
  const result = scaleResult(
    { active: [turn(1000, 2000), turn(200_000, 1500)], orchestrators: [turn(1, 1000), turn(2, 1100)] },
    origin,
  )
  t.ok(tablesResultSchema.safeParse(result).success)
  t.strictSame(result.tables[0]!.rows, [
    ['1,000', '2,000', '1.00', '300', '200'],
    ['200,000', '1,500', '0.75', '300', '200'],
  ])
  t.strictSame(
    result.tables[1]!.rows.map(([, , ratio]) => ratio),
    ['1.00', '1.10'],
  )
})
