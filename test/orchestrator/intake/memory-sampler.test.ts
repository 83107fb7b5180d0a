import t from 'tap'
import { MemoryCheck } from '../../../services/orchestrator/intake/memory-check.ts'
import { MemorySampler } from '../../../services/orchestrator/intake/memory-sampler.ts'
import { systemClock } from '../../../services/platform/clock/clock.ts'
import { silentLog } from '../../../services/platform/telemetry/logger.ts'
import { createMetrics } from '../../../services/platform/telemetry/metrics.ts'

t.test('tells admission and the metric; without an answer what was known holds', async (t) => {
  const memory = new MemoryCheck()
  const metrics = createMetrics()
  let answer: () => Promise<string[]> = async () => [
    'used_memory:90\nmaxmemory:100\n',
    'used_memory:10\nmaxmemory:100\n',
  ]
  const sampler = new MemorySampler({
    redis: { info: () => answer() },
    ...{ memory, metrics, clock: systemClock, log: silentLog },
  })
  await sampler.start()
  t.teardown(() => sampler.stop())
  t.match(memory.refusal(), { reason: 'redis', message: /90 % full/ }, 'known before anything is let in')
  t.match(await metrics.expose(), /^murmur_redis_fill_ratio 0\.9$/m)
  await sampler.stop()
  answer = async () => {
    throw new Error('away')
  }
  await sampler.start()
  t.ok(memory.refusal())
})
