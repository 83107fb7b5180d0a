import t from 'tap'
import type { TaskDemand } from '../../../services/orchestrator/intake/admission-check.ts'
import { MEMORY_BOUND, MemoryCheck } from '../../../services/orchestrator/intake/memory-check.ts'
import { acceptedTask } from '../../support/random-plan.ts'

const MIB = 1024 * 1024
const full = (share: number) => ({ usedBytes: share * 100 * MIB, maxBytes: 100 * MIB })
const demand = (bytes: number): TaskDemand => ({
  accepted: acceptedTask({ taskId: 't', plan: { steps: [{ id: 'a', agent: 'x' }] } }),
  bytes,
})

t.test('above the mark new tasks are refused, and come in by themselves when there is room', async (t) => {
  const check = new MemoryCheck()
  t.equal(check.refusal(), undefined, 'nothing is known yet')
  check.observe({ atMs: 0, servers: [full(MEMORY_BOUND - 0.01)] })
  t.equal(check.refusal(), undefined)
  check.observe({ atMs: 500, servers: [full(MEMORY_BOUND + 0.02)] })
  t.match(check.refusal(), { reason: 'redis', code: 'OVERLOADED', retryAfterMs: 5000, message: /87 % full/ })
  check.observe({ atMs: 1000, servers: [full(MEMORY_BOUND - 0.01)] })
  t.equal(check.refusal(), undefined)
})

t.test('the fullest server counts; one without a limit is never full', async (t) => {
  const check = new MemoryCheck()
  check.observe({ atMs: 0, servers: [full(0.1), { usedBytes: 1000 * MIB, maxBytes: 0 }] })
  t.equal(check.refusal(), undefined)
  check.observe({ atMs: 500, servers: [full(0.1), full(0.95), { usedBytes: 1000 * MIB, maxBytes: 0 }] })
  t.match(check.refusal(), { message: /95 % full/ })
  check.observe({ atMs: 1000, servers: [] })
  t.equal(check.refusal(), undefined)
})

t.test('the hint follows the rate at which memory becomes free', async (t) => {
  const check = new MemoryCheck()
  check.observe({ atMs: 0, servers: [full(0.99)] })
  check.observe({ atMs: 1000, servers: [full(0.95)] })
  // 10 MiB too many, 4 MiB a second.
  t.equal(check.refusal()?.retryAfterMs, 2500)
})

t.test('what is let in counts until it must have been seen', async (t) => {
  const check = new MemoryCheck()
  check.observe({ atMs: 0, servers: [full(0.8)] })
  for (let i = 0; i < 3; i++) check.onAdmitted(demand(MIB))
  t.match(check.refusal(), { reason: 'redis' }, '6 MiB more')
  check.observe({ atMs: 500, servers: [full(0.8)] })
  t.ok(check.refusal(), 'they may be on their way')
  check.observe({ atMs: 1000, servers: [full(0.8)] })
  t.equal(check.refusal(), undefined)
})
