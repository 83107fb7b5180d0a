import t from 'tap'
import { faultPlan } from '../../../../loadtest/load/target/fault-plan.ts'

t.test(
  'an agent and an orchestrator are killed in mid-run, and probes see how it was before and after',
  async (t) => {
    const { kills, probes } = faultPlan({ durationMs: 100_000 })
    t.strictSame(
      kills.map(({ what, atMs }) => [what, atMs]),
      [
        ['report-agents', 35_000],
        ['orchestrator', 65_000],
      ],
    )
    t.strictSame(probes, { fromMs: 25_000, toMs: 95_000 })
    t.strictSame(faultPlan({ durationMs: 20_000 }).probes, { fromMs: 0, toMs: 20_000 })
  },
)
