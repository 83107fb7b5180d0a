import t from 'tap'
import type { StepMessage, StepResult } from '../../schemas/step-message.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'
import { openBus } from '../support/bus.ts'
import { heartbeatOf } from '../support/dispatch-fixture.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

const TASKS = 30
const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts', {
  MURMUR_PARTITIONS: '2',
  MURMUR_LOG_LEVEL: 'silent',
})
const bus = await openBus(t, servers.natsUrl)

/** An agent with two slots whose downstream is broken until somebody mends it. */
const downstream = { isBroken: true, failed: 0, busy: 0, busiest: 0 }
await bus.call('registerAgent', { type: 'flaky', instance: 'f1' }, { timeoutMs: 10_000 })
const beat = () =>
  bus.publishCore(
    SUBJECTS.heartbeat('flaky', 'f1'),
    JSON.stringify(heartbeatOf('flaky', 'f1', { capacity: 2 })),
  )
const beating = setInterval(beat, 500)
let isOver = false
t.teardown(() => {
  isOver = true
  clearInterval(beating)
})
beat()
const puller = bus.consumers.createPuller({ stream: 'STEPS', consumer: 'flaky-p2' }, (delivery) => {
  const step = JSON.parse(Buffer.from(delivery.data).toString()) as StepMessage
  if (downstream.isBroken) downstream.failed++
  const { taskId, stepId, attempt } = step
  const result: StepResult = {
    v: 1,
    taskId,
    stepId,
    attempt,
    instance: 'f1',
    startedAtMs: 1,
    finishedAtMs: 2,
    outcome: downstream.isBroken
      ? { kind: 'retry', error: { code: 'DOWNSTREAM_AWAY', message: 'no answer' } }
      : { kind: 'done', output: 1 },
  }
  const msgId = `${taskId}:${stepId}:${attempt}:result:f1:1`
  void bus.publisher.publish(step.reply, JSON.stringify(result), { msgId }).then(() => delivery.ack())
})
const pulling = async () => {
  while (!isOver) await puller.pull({ batch: 2, expiresMs: 500 })
}
void pulling()

t.test('a breaker opens, holds work without burning attempts, and recovers', async (t) => {
  const states: string[] = []
  bus.subscribe(SUBJECTS.breaker('flaky'), ({ data }) => {
    const { instance, state } = JSON.parse(Buffer.from(data).toString())
    if (instance === undefined) states.push(state)
  })
  const breaker = { minCalls: 5, maxCalls: 10, openMs: 300, maxOpenMs: 600 }
  await bus.call('setAgentPolicy', { agent: 'flaky', set: { breaker } }, { timeoutMs: 10_000 })
  const retry = { maxAttempts: 5, initialDelayMs: 10, factor: 1 }
  const ids = await Promise.all(
    Array.from({ length: TASKS }, async (_, i) => {
      const plan = { steps: [{ id: 'a', agent: 'flaky', input: {}, retry }] }
      const request = { type: 'plan', idempotencyKey: `b${i}`, plan }
      return ((await bus.request(SERVICES.submitTask, request, { timeoutMs: 10_000 })) as { taskId: string })
        .taskId
    }),
  )
  await until(
    'it has opened, and its canaries failed',
    () => states.filter((one) => one === 'open').length >= 3,
  )
  const { agents } = await bus.call('getAgentPolicies', { agent: 'flaky' }, { timeoutMs: 5000 })
  t.ok(agents[0]!.waiting >= TASKS - 10, `${agents[0]!.waiting} wait`)
  t.ok(downstream.failed <= 20, `${downstream.failed} calls of ${TASKS * 5} attempts`)
  downstream.isBroken = false
  const ends = await Promise.all(ids.map((id) => endOfTask(bus, id)))
  t.ok(
    ends.every(({ status }) => status === 'completed'),
    'none has used up its attempts',
  )
  t.ok(ends.filter(({ steps }) => steps.a?.attempt === 1).length >= TASKS / 2, 'most needed one attempt')
  await until('it is closed', () => states.at(-1) === 'closed')
  t.equal(states.filter((one) => one === 'closed').length, 1, 'no second outage')
})
