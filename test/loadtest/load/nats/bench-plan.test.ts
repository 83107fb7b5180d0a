import t from 'tap'
import { BENCH_AGENT, BENCH_STEPS, benchPlan } from '../../../../loadtest/load/nats/bench-plan.ts'
import { STREAMS } from '../../../../subjects/streams.ts'

t.test('every message goes to a subject that nobody works on, and what is stored is consumed', async (t) => {
  const plan = benchPlan(100_000)
  const stored = plan.filter(({ args }) => args[0] === 'js' && args[1] === 'pub')
  const countOf = (args: readonly string[]) => Number(args[args.indexOf('--msgs') + 1])
  t.equal(stored.length, 2)
  for (const { args } of stored) {
    t.equal(args.at(-1), BENCH_STEPS)
    t.equal(args[args.indexOf('--stream') + 1], STREAMS.steps.name)
  }
  const consume = plan.find(({ args }) => args[1] === 'consume')!
  t.equal(
    countOf(consume.args),
    stored.reduce((sum, { args }) => sum + countOf(args), 0),
  )
  t.ok(BENCH_STEPS.includes(BENCH_AGENT))
})

t.test('frames are published only where nobody looks at them; a small bench still measures', async (t) => {
  const own = benchPlan(1000).filter(({ isOwnOnly }) => isOwnOnly)
  t.equal(own.length, 1)
  t.match(own[0]!.args.at(-1), /^frames\./)
  for (const { args } of benchPlan(1)) t.ok(Number(args[args.indexOf('--msgs') + 1]) >= 100)
})
