import { mock } from 'node:test'
import t from 'tap'
import { watchClockSkew } from '#platform/nats/broker-clock-sync.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'

t.test('the skew is a metric, and is warned of once for each change', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  const said: string[] = []
  const say = (level: string) => (about: { skewSeconds: number }) =>
    said.push(`${level} ${about.skewSeconds}`)
  const log = { warn: say('warn'), info: say('info') } as unknown as Log
  const clock = { skewMs: 20 }
  const metrics = createMetrics()
  const end = watchClockSkew(clock, { log, metrics })
  const pass = (skewMs: number) => {
    clock.skewMs = skewMs
    mock.timers.tick(10_000)
  }
  pass(20)
  t.strictSame(said, [])
  pass(-3_600_000)
  pass(-3_600_400)
  t.match(await metrics.expose(), /^murmur_clock_skew_seconds -3600\.4$/m)
  pass(2500)
  pass(10)
  t.strictSame(said, ['warn -3600', 'warn 2.5', 'info 0'])
  end()
  pass(5000)
  t.equal(said.length, 3)
})
