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

t.test(
  'a template that is paused: its tasks take no new step, others go on; survives a kill and an emptied Redis',
  async (t) => {
    const plan = {
      steps: [
        { id: 'go', waitFor: { signal: 'go' } },
        { id: 'a', agent: 'noop-a', needs: ['go'], input: { payload: 'x' } },
      ],
    }
    await bus.call('putTemplate', { name: 'held', plan } as never, { timeoutMs: 10_000 })
    const submitHeld = async () =>
      (await bus.call('submitTask', { type: 'plan', template: 'held' } as never, { timeoutMs: 10_000 }))
        .taskId
    const goOn = (taskId: string) =>
      bus.call('signalTask', { taskId, name: 'go', id: 'one' }, { timeoutMs: 10_000 })
    const pauses = async () =>
      (await bus.call('listTaskTypePauses', {}, { timeoutMs: 5000 }).catch(() => undefined))?.paused
    const begun = await submitHeld()
    const reason = 'the warehouse is moved'
    await bus.call('setTaskTypePause', { name: 'held', paused: true, reason }, { timeoutMs: 10_000 })
    const before = await pauses()
    t.match(before, [{ name: 'held', reason, waiting: 0 }])
    const again = await bus.call(
      'setTaskTypePause',
      { name: 'held', paused: true, reason },
      { timeoutMs: 10_000 },
    )
    t.equal(again.pause.updatedAtMs, before?.[0]?.sinceMs, 'asked again it is the same pause')
    const notes: string[] = []
    const unsubscribe = bus.subscribe(`tasks.events.plan.${begun}.progress`, ({ data }) =>
      notes.push(JSON.parse(Buffer.from(data).toString()).note),
    )
    const fresh = await submitHeld()
    await Promise.all([begun, fresh].map(goOn))
    const areHeld = async () => (await pauses())?.[0]?.waiting === 2
    await until('both are held', areHeld)
    await until('watchers are told', () => notes.length > 0)
    t.equal(notes[0], 'waits: tasks of type "held" are paused')
    unsubscribe()
    t.strictSame(await attemptsAtEnd(await submit('beside')), allAtOnce, 'the same agents work for others')
    await redis.flushall()
    orchestrator.kill('SIGKILL')
    orchestrator = await startOrchestrator()
    await until('both are held again', areHeld, 30_000)
    t.strictSame(await queued(), [])
    await bus.call('setTaskTypePause', { name: 'held', paused: false }, { timeoutMs: 10_000 })
    t.strictSame(await attemptsAtEnd([begun, fresh]), ['completed 1', 'completed 1'])
    t.strictSame(await pauses(), [])
  },
)
