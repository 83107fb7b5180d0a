import t from 'tap'
import { type StepMessage, stepMessageExample, stepResultSchema } from '#schemas/step-message.ts'
import { DeadLetters } from '../../../services/orchestrator/registry/dead-letters.ts'
import { LeftInQueues } from '../../../services/orchestrator/registry/left-in-queues.ts'
import { systemClock } from '../../../services/platform/clock/clock.ts'
import type { Bus } from '../../../services/platform/nats/bus.ts'
import type { Delivery } from '../../../services/platform/nats/delivery.ts'
import { createMetrics } from '../../../services/platform/telemetry/metrics.ts'
import { STEP_MAX_DELIVER, stepConsumers } from '../../../subjects/streams.ts'
import { MESSAGE_IDS, SUBJECTS } from '../../../subjects/subjects.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
await bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })
const [, queue] = stepConsumers('x')
await bus.consumers.provision(queue!)
const deadLetters = new DeadLetters({
  bus,
  metrics: createMetrics({ processMetrics: false }),
  log: quietLog,
  instance: 'orchestrator-1',
  nowMs: Date.now,
})
deadLetters.start()
t.teardown(() => deadLetters.quiesce())
await bus.flush()

/** Takes what is in the queue and gives it back, until the broker has enough of it. */
async function handOutInVain(on: Bus): Promise<number> {
  let deliveries = 0
  const puller = on.consumers.createPuller({ stream: queue!.stream, consumer: queue!.name }, (delivery) => {
    deliveries = delivery.deliveryCount
    delivery.nak()
  })
  // The last delivery is the one after which no further one comes.
  for (let i = 0; i < STEP_MAX_DELIVER; i++) await puller.pull({ batch: 1, expiresMs: 5000 })
  await puller.pull({ batch: 1, expiresMs: 200 })
  return deliveries
}

const isEmpty = async () => (await jsm.streams.info('STEPS')).state.messages === 0
const put = (payload: string, msgId: string) =>
  bus.publisher.publish(SUBJECTS.step('x', 1), payload, { msgId })

t.test('a step that was handed out in vain too often is tried again, and nothing is buried', async (t) => {
  const step: StepMessage = { ...stepMessageExample, agent: 'x', reply: SUBJECTS.result(0, 'x') }
  await put(JSON.stringify(step), MESSAGE_IDS.dispatch(step.taskId, step.stepId, step.attempt))
  t.equal(await handOutInVain(bus), STEP_MAX_DELIVER)
  await until('it has left its queue', isEmpty)
  const told = await bus.streams.nextMessage('LOG', SUBJECTS.result(0, 'x'), 1)
  t.match(stepResultSchema.parse(JSON.parse(Buffer.from(told!.data).toString())), {
    taskId: step.taskId,
    stepId: step.stepId,
    attempt: step.attempt,
    outcome: { kind: 'retry', error: { code: 'DELIVERIES_EXHAUSTED', message: /50 times/ } },
  })
  t.equal(told!.header('Nats-Msg-Id'), MESSAGE_IDS.result(step.taskId, step.stepId, step.attempt))
  t.equal((await jsm.streams.info('DEAD')).state.messages, 0)
})

t.test('a message that is no step goes to DEAD as it is', async (t) => {
  await put('no step', 'no-step')
  await handOutInVain(bus)
  await until('it has left its queue', isEmpty)
  const dead = await bus.streams.nextMessage('DEAD', SUBJECTS.dead('x'), 1)
  t.equal(Buffer.from(dead!.data).toString(), 'no step')
})

t.test(
  'what was handed out in vain while nobody listened is found, and nothing else is taken away',
  async (t) => {
    deadLetters.quiesce()
    await bus.flush()
    const left = new LeftInQueues({
      ...{ bus, deadLetters, isLooker: () => true, clock: systemClock, log: quietLog },
    })
    const step: StepMessage = {
      ...stepMessageExample,
      agent: 'x',
      stepId: 'left',
      reply: SUBJECTS.result(0, 'x'),
    }
    const told = (await bus.streams.fill('LOG')).lastSeq
    await put(JSON.stringify(step), 'left')
    t.equal(await left.look(), 0, 'it waits')
    t.equal(await left.look(), 0, 'and goes on waiting')
    await handOutInVain(bus)
    await put(JSON.stringify({ ...step, stepId: 'after' }), 'after')
    await put(JSON.stringify({ ...step, stepId: 'waits' }), 'waits')
    const held = Promise.withResolvers<Delivery>()
    const puller = bus.consumers.createPuller({ stream: queue!.stream, consumer: queue!.name }, held.resolve)
    await puller.pull({ batch: 1, expiresMs: 5000 })
    const delivery = await held.promise
    await left.look()
    t.equal(await left.look(), 0, 'while the queue has something in work nobody can tell')
    delivery.ack()
    const depth = () => bus.consumers.depth(queue!.stream, queue!.name)
    await until('it is acknowledged', async () => (await depth())!.inWork === 0)
    t.equal(await left.look(), 0, 'it might just be acknowledged')
    t.equal(await left.look(), 1)
    t.equal(await left.look(), 0)
    t.equal(await left.look(), 0)
    t.equal((await jsm.streams.info('STEPS')).state.messages, 1, 'what waits stays')
    const result = await bus.streams.nextMessage('LOG', SUBJECTS.result(0, 'x'), told + 1)
    t.match(stepResultSchema.parse(JSON.parse(Buffer.from(result!.data).toString())), {
      stepId: 'left',
      outcome: { kind: 'retry', error: { code: 'DELIVERIES_EXHAUSTED' } },
    })
  },
)
