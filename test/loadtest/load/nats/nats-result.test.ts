import t from 'tap'
import { tablesResultSchema } from '../../../../loadtest/load/evaluation/tables-schema.ts'
import { benchPlan } from '../../../../loadtest/load/nats/bench-plan.ts'
import { natsResult } from '../../../../loadtest/load/nats/nats-result.ts'
import { SAMPLE_ORIGIN } from '../sample-run.ts'

t.test('what was measured, what was not and why, and our own share of it', async (t) => {
  const outcomes = benchPlan(1000).map((row, i) =>
    i === 0
      ? { ...row, why: 'permission denied' }
      : { ...row, figures: { messagesPerSecond: 10_000, megabytesPerSecond: 1 } },
  )
  const own = { tasksPerSecond: 500, storedPerTask: 7, storedPerSecond: 3500 }
  const result = natsResult(outcomes, { origin: SAMPLE_ORIGIN, versions: 'nats 1', own })
  t.ok(tablesResultSchema.safeParse(result).success)
  t.match(result.tables[0]!.rows[0], [/events/, 'not measured: permission denied'])
  t.match(result.tables[1]!.rows.at(-1), [/pipelined/, '35 %'])
  t.equal(natsResult(outcomes, { origin: SAMPLE_ORIGIN, versions: 'nats 1' }).tables.length, 1)
})
