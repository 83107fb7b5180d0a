import t from 'tap'
import { capacityResult } from '../../../loadtest/capacity/capacity-result.ts'
import { tablesResultSchema } from '../../../loadtest/load/evaluation/tables-schema.ts'

const origin = {
  date: '2030-01-01T00:00:00.000Z',
  command: 'npm run bench:capacity',
  machine: { cores: 2, cpu: 'test', memoryGiB: 4, node: '24.0.0', platform: 'linux 6', loadBefore: 0 },
}
const figures = {
  tasksPerSecond: 2500,
  cpuUs: { orchestrator: 300, agents: 150, nats: 120, redis: 60 },
  logBytesPerTask: 2048,
  redisBytesFinished: 1024,
  redisBytesActive: 2048,
  orchestratorMb: 100,
  orchestratorBytesActive: 4096,
  edge: [
    { transport: 'rest', perSecond: 3000, cpuUs: 240 },
    { transport: 'grpc', perSecond: 2000, cpuUs: 480 },
  ],
} as const

t.test('sizes are linear in what was measured, at 60 % busy', async (t) => {
  const result = capacityResult(figures, origin)
  t.ok(tablesResultSchema.safeParse(result).success)
  const [ofTask, sizes] = result.tables
  t.strictSame(
    ofTask!.rows.map(([, value]) => value),
    ['300', '150', '120', '60', '240', '480', '2.0', '1.0', '2.0', '4.0'],
  )
  const row = (rate: string) => sizes!.rows.find(([first]) => first === rate)!
  t.strictSame(row('1,000'), ['1,000', '0.50', '0.40', '0.20', '0.10', '0.25', '164.8', '82.4'])
  t.equal(Number(row('5,000')[1]), 2.5)
  for (const each of sizes!.rows) t.equal(each.length, sizes!.columns.length)
})
