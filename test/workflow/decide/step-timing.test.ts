import t from 'tap'
import { backoffDelayMs, completePolicy } from '#workflow/decide/step-timing.ts'

t.test('backoff grows, is capped, is spread, and is the same each time', async (t) => {
  const policy = completePolicy({ initialDelayMs: 100, maxDelayMs: 1000, factor: 2 })
  t.strictSame(completePolicy(undefined), {
    maxAttempts: 3,
    initialDelayMs: 200,
    maxDelayMs: 30_000,
    factor: 2,
  })
  const delays = [1, 2, 3, 4, 5, 50].map((attempt) => backoffDelayMs(policy, attempt, 'seed'))
  for (const [i, plain] of [100, 200, 400, 800, 1000, 1000].entries())
    t.ok(delays[i]! >= plain * 0.8 && delays[i]! <= plain * 1.2, `${delays[i]} is ${plain} ± 20 %`)
  t.equal(backoffDelayMs(policy, 2, 'seed'), delays[1])
  const spread = new Set(Array.from({ length: 100 }, (_, i) => backoffDelayMs(policy, 5, `task-${i}:a`)))
  t.ok(spread.size > 60, `${spread.size} different delays`)
})
