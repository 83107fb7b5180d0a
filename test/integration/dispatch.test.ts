import { Redis as Client } from 'ioredis'
import t from 'tap'
import type { AgentDispatchView, SetAgentPolicyRequest } from '../../schemas/agent-policy.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { openBus, openNats } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

const PARTITIONS = '2'
const TASKS = 40
const servers = await withServers(t)
const startOrchestrator = () =>
  startService(t, servers, 'services/orchestrator/main.ts', {
    MURMUR_PARTITIONS: PARTITIONS,
    MURMUR_LOG_LEVEL: 'error',
  })
let orchestrator = await startOrchestrator()
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
const redis = new Client(servers.redisUrl)
t.teardown(() => redis.disconnect())

const setPolicy = (request: SetAgentPolicyRequest) =>
  bus.call('setAgentPolicy', request, { timeoutMs: 10_000 })
const viewOf = async (agent: string): Promise<AgentDispatchView | undefined> =>
  (await bus.call('getAgentPolicies', { agent }, { timeoutMs: 5000 })).agents[0]
const waits = async (agent: string) => (await viewOf(agent).catch(() => undefined))?.waiting
const queued = async () =>
  Object.keys((await jsm.streams.info('STEPS', { subjects_filter: '>' })).state.subjects ?? {})
const submit = async (prefix: string, agent = 'noop-a') =>
  Promise.all(
    Array.from({ length: TASKS }, async (_, i) => {
      const request = {
        type: 'plan',
        idempotencyKey: `${prefix}-${i}`,
        plan: { steps: [{ id: 'a', agent, input: { payload: 'x' } }] },
      }
      return ((await bus.request(SERVICES.submitTask, request, { timeoutMs: 10_000 })) as { taskId: string })
        .taskId
    }),
  )
const attemptsAtEnd = async (ids: string[]) => {
  const ends = await Promise.all(ids.map((id) => endOfTask(bus, id, 60_000)))
  return ends.map(({ status, steps }) => `${status} ${steps.a?.attempt}`)
}
const allAtOnce = Array.from({ length: TASKS }, () => 'completed 1')

t.test('a type that is paused: what comes waits and is on no queue, and goes when it is not', async (t) => {
  await setPolicy({ agent: 'noop-a', set: { paused: true } })
  const ids = await submit('paused')
  await until('all wait', async () => (await waits('noop-a')) === TASKS)
  t.strictSame(await queued(), [])
  t.match(await viewOf('noop-a'), { policy: { paused: true }, out: 0, breaker: { state: 'closed' } })
  await setPolicy({ agent: 'noop-a', unset: ['paused'] })
  t.strictSame(await attemptsAtEnd(ids), allAtOnce)
})

t.test('what waits is found again by the next orchestrator, which knows the policy', async (t) => {
  await setPolicy({ agent: 'noop-a', set: { paused: true, concurrency: 3 } })
  const ids = await submit('killed')
  await until('all wait', async () => (await waits('noop-a')) === TASKS)
  orchestrator.kill('SIGKILL')
  orchestrator = await startOrchestrator()
  await until('all wait again', async () => (await waits('noop-a')) === TASKS, 20_000)
  t.strictSame(await queued(), [], 'the policy held from the first moment')
  await setPolicy({ agent: 'noop-a', unset: ['paused'] })
  t.strictSame(await attemptsAtEnd(ids), allAtOnce)
})

t.test('a Redis that is emptied while work waits costs nothing', async (t) => {
  await setPolicy({ agent: 'noop-a', set: { paused: true } })
  const ids = await submit('flushed')
  await until('all wait', async () => (await waits('noop-a')) === TASKS)
  await redis.flushall()
  await setPolicy({ agent: 'noop-a', unset: ['paused', 'concurrency'] })
  t.strictSame(await attemptsAtEnd(ids), allAtOnce)
})
