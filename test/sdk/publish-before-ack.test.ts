import { once } from 'node:events'
import t from 'tap'
import type { StepMessage } from '#schemas/step-message.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { STREAMS, stepConsumers } from '../../subjects/streams.ts'
import { MESSAGE_IDS, SUBJECTS } from '../../subjects/subjects.ts'
import { openBus, openNats } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { startService } from '../support/services.ts'
import { until } from '../support/until.ts'

const AGENT = 'chaos'
/** So often the result was sent in vain: had it been acknowledged too early, that would have been before. */
const IN_VAIN = 3

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { nc, jsm } = await openNats(t, servers.natsUrl)
const storageBytes = 1024 ** 3
await bus.streams.provision({ partitions: 4, storageBytes })
await bus.objects.create({ storageBytes })
for (const consumer of stepConsumers(AGENT)) await bus.consumers.provision(consumer)
t.teardown(bus.serveSubject(SERVICES.registerAgent, () => ({ ok: true, consumers: [] }), { queue: 'test' }))
await bus.flush()

/** What was said to the broker about messages of steps, by whomever. */
const said: string[] = []
nc.subscribe(`$JS.ACK.${STREAMS.steps.name}.>`, {
  callback: (_, message) => void said.push(message.string()),
})
await nc.flush()

async function dispatch(taskId: string, workMs: number): Promise<void> {
  const step: StepMessage = {
    v: 1,
    taskId,
    taskType: 'plan',
    tenant: 'default',
    stepId: 'a',
    agent: AGENT,
    attempt: 1,
    reply: SUBJECTS.result(0, AGENT),
    timeoutMs: 60_000,
    input: { value: 1, times: 2, plus: 3, workMs },
  }
  const msgId = MESSAGE_IDS.dispatch(taskId, step.stepId, step.attempt)
  await bus.publisher.publish(SUBJECTS.step(AGENT, 1), JSON.stringify(step), { msgId })
}

t.test('a step leaves its queue when the log has its result, and not before', async (t) => {
  let results = 0
  nc.subscribe(`log.*.result.${AGENT}`, { callback: () => void results++ })
  await nc.flush()
  // Nobody can store a result.
  const { config } = await jsm.streams.info(STREAMS.log.name)
  await jsm.streams.delete(STREAMS.log.name)
  await startService(t, servers, 'test/support/chaos-agent.ts')
  await dispatch('task-1', 1)
  await until('its result was sent again and again', () => results >= IN_VAIN, 30_000)
  t.notOk(said.includes('+ACK'), 'nothing was acknowledged')

  await jsm.streams.add(config)
  await until('it is acknowledged', () => said.includes('+ACK'), 30_000)
  const stored = await bus.streams.nextMessage(STREAMS.log.name, SUBJECTS.result(0, AGENT), 1)
  t.match(JSON.parse(Buffer.from(stored!.data).toString()), {
    taskId: 'task-1',
    attempt: 1,
    outcome: { kind: 'done', output: { value: 5 } },
  })
})

t.test('what a stopping instance has in hand goes back at once', async (t) => {
  const agent = await startService(t, servers, 'test/support/chaos-agent.ts', {
    MURMUR_STOP_GRACE_MS: '3000',
  })
  let hasBegun = false
  agent.on('message', ({ kind }: { kind?: string }) => {
    if (kind === 'began') hasBegun = true
  })
  await dispatch('task-2', 600_000)
  await until('it is in hand', () => hasBegun, 30_000)
  t.notOk(said.some((word) => word.startsWith('-NAK')))
  agent.kill('SIGTERM')
  await once(agent, 'exit')
  await nc.flush()
  t.ok(
    said.some((word) => word.startsWith('-NAK')),
    'nobody has to wait until it is missed',
  )
})
