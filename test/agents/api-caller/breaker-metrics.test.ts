import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { HostBreakers } from '#platform/http/circuit-breaker.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { BreakerMetrics, breakerKey } from '../../../services/agents/api-caller/breaker-metrics.ts'
import { openCaller } from './call-fixtures.ts'

const failed = async () => ({ kind: 'retry', countsAgainstHost: true })

async function figures(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  const text = await metrics.expose()
  return text.split('\n').filter((line) => line.startsWith('murmur_api_breaker_'))
}

t.test('a host shows the worst of its breakers; nobody is told of a tenant', async (t) => {
  const metrics = createMetrics({ parts: ['api-caller'] })
  const counted = new BreakerMetrics(metrics)
  t.strictSame(await figures(metrics), [], 'nobody is watched yet')
  const options = { failures: 1, openMs: 60_000, maxHosts: 3 }
  const breakers = new HostBreakers(createManualClock(), options, (key, state) => counted.count(key, state))
  counted.watch(breakers)
  await breakers.of(breakerKey('acme', 'https://api.example.com:8443')).run(failed)
  await breakers.of(breakerKey('other', 'https://api.example.com:8443')).run(async () => ({ kind: 'done' }))
  await breakers.of(breakerKey('acme', 'https://fine.example')).run(async () => ({ kind: 'done' }))
  t.strictSame(await figures(metrics), [
    'murmur_api_breaker_state{host="api.example.com:8443"} 2',
    'murmur_api_breaker_transitions_total{host="api.example.com:8443",state="open"} 1',
  ])
  for (const host of ['x', 'y', 'z'])
    await breakers.of(breakerKey('acme', `https://${host}`)).run(async () => ({ kind: 'done' }))
  t.equal((await figures(metrics))[0], 'murmur_api_breaker_state{host="api.example.com:8443"} 0', 'forgotten')
})

t.test('hosts beyond a hundred are counted together', async (t) => {
  const metrics = createMetrics({ parts: ['api-caller'] })
  const counted = new BreakerMetrics(metrics)
  for (let i = 0; i < 300; i++) counted.count(breakerKey('t', `https://host-${i}`), 'open')
  const lines = await figures(metrics)
  t.equal(lines.filter((line) => line.includes('_state{')).length, 101)
  t.ok(lines.includes('murmur_api_breaker_transitions_total{host="_other",state="open"} 200'))
})

t.test('the agent counts the breakers of what it calls', async (t) => {
  const metrics = createMetrics({ parts: ['api-caller'] })
  const { call } = openCaller(t, { metrics, breaker: { failures: 1, openMs: 60_000, maxHosts: 10 } })
  // Nobody listens on port 9 of a loopback address.
  await call({ url: 'http://127.0.0.9:9/', attempts: 1 })
  const [state, transitions] = await figures(metrics)
  t.equal(state, 'murmur_api_breaker_state{host="127.0.0.9:9"} 2')
  t.match(transitions, /state="open"\} 1$/)
})
