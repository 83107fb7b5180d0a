import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import { createLogger } from '#platform/telemetry/logger.ts'
import { RateLimits } from '../../../services/edge/access/rate-limits.ts'
import { withServers } from '../../support/servers.ts'

const log = createLogger('edge', { logLevel: 'silent', instance: 'test' })
const servers = await withServers(t)
const redis = createRedis(servers.redisUrl)
t.teardown(() => redis.close())
await waitForRedis(redis, 5000)

const limitsOf = (requestsPerSecond: number, requestBurst: number) =>
  new RateLimits({ redis, log, defaults: { requestsPerSecond, requestBurst }, overrides: {} })

/** What each of so many that come at once is told: 0 is let in, else the milliseconds to wait. */
async function hintsOf(limits: RateLimits, tenant: string, requests: number): Promise<number[]> {
  const asked = Array.from({ length: requests }, () => limits.takeRequest(tenant))
  const answers = await Promise.allSettled(asked)
  return answers.map((answer) => {
    if (answer.status === 'fulfilled') return 0
    const error = answer.reason as MurmurError
    if (!(error instanceof MurmurError) || error.code !== 'RATE_LIMITED') throw error
    return error.retryAfterMs ?? Number.NaN
  })
}

t.test('those who wait are told to come one after the other, as tokens come', async (t) => {
  const hints = await hintsOf(limitsOf(1, 5), 'crowd', 45)
  t.strictSame(
    hints.map((hint) => hint > 0),
    [...Array(5).fill(false), ...Array(40).fill(true)],
    'the burst is let in, the others wait',
  )
  for (const [i, hint] of hints.slice(5).entries()) {
    // A token a second: the clock goes on a little from one to the next.
    t.ok(hint > i * 1000 && hint <= (i + 1) * 1000, `the ${i + 1}th of those who wait: ${hint} ms`)
  }
})

t.test('nobody is told to wait for longer than a minute', async (t) => {
  const hints = await hintsOf(limitsOf(1, 1), 'too-many', 200)
  t.equal(Math.max(...hints), 60_000)
  t.equal(hints.filter((hint) => hint === 60_000).length > 100, true, 'who is beyond that asks again then')
})

t.test('who comes when told is let in', async (t) => {
  const limits = limitsOf(50, 25)
  await hintsOf(limits, 'patient', 25)
  const comeBack = async (): Promise<number> => {
    const [hint = 0] = await hintsOf(limits, 'patient', 1)
    if (hint === 0) return 0
    await new Promise((resolve) => setTimeout(resolve, hint))
    const [second = 0] = await hintsOf(limits, 'patient', 1)
    return second
  }
  const again = await Promise.all(Array.from({ length: 30 }, comeBack))
  t.ok(again.filter((hint) => hint === 0).length >= 28, `let in at the second time: ${again.join(' ')}`)
})
