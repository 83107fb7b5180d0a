import t from 'tap'
import type { LogEvent } from '#schemas/log-event.ts'
import { stepMessageExample, stepMessageSchema } from '#schemas/step-message.ts'
import { DispatchedSteps } from '../../../services/orchestrator/partition/dispatched-steps.ts'
import { foldBatch, type HeldTask } from '../../../services/orchestrator/partition/fold-batch.ts'
import type { BlobStore } from '../../../services/platform/nats/blob-store.ts'
import { stepConsumers } from '../../../subjects/streams.ts'
import { MESSAGE_IDS, SUBJECTS } from '../../../subjects/subjects.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { emitterOf } from '../../support/emitter-fixture.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { acceptedTask } from '../../support/random-plan.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
await bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })
for (const consumer of stepConsumers('x')) await bus.consumers.provision(consumer)
const messages = async (stream: string) => (await jsm.streams.info(stream)).state.messages

let tasks = 0
/** A task whose commands are carried out on a real broker. */
function story() {
  const taskId = `task-${tasks++}`
  const dispatched = new DispatchedSteps(bus, quietLog)
  const { emitter } = emitterOf({ bus, blobs: {} as BlobStore, dispatched })
  let held: HeldTask | undefined
  let seq = 0
  const happen = async (...events: Pick<LogEvent, 'kind' | 'body'>[]) => {
    const numbered = events.map(
      (event) => ({ ...event, atMs: 1_790_000_000_000 + seq, seq: ++seq }) as LogEvent,
    )
    const fold = foldBatch(numbered, () => held, { keepFinishedMs: 60_000 })
    held = fold.held.get(taskId) ?? held
    await emitter.emit(fold.work)
  }
  return { taskId, happen, dispatched }
}
const cancel = (taskId: string) => ({
  kind: 'control' as const,
  body: { v: 1 as const, taskId, action: 'cancel' as const },
})
const plan = { steps: ['a', 'b', 'c'].map((id) => ({ id, agent: 'x', retry: { maxAttempts: 1 } })) }

t.test('a task that ends leaves nothing in the queues, and takes nothing of others with it', async (t) => {
  const [one, other] = [story(), story()]
  await one.happen({ kind: 'accepted', body: acceptedTask({ taskId: one.taskId, plan }) })
  await other.happen({ kind: 'accepted', body: acceptedTask({ taskId: other.taskId, plan }) })
  t.equal(await messages('STEPS'), 6)
  await one.happen(cancel(one.taskId))
  await until('its steps are gone', async () => (await messages('STEPS')) === 3)
  t.match(await bus.consumers.depth('STEPS', 'x-p1'), { waiting: 3 }, 'and the queue counts what is wanted')
  const left = await bus.streams.nextMessage('STEPS', 'steps.>', 1)
  t.equal(JSON.parse(Buffer.from(left!.data).toString()).taskId, other.taskId)
  await other.happen(cancel(other.taskId))
  await until('and those of the other', async () => (await messages('STEPS')) === 0)
})

t.test('what is in the hands of an agent goes too', async (t) => {
  const { taskId, happen } = story()
  await happen({ kind: 'accepted', body: acceptedTask({ taskId, plan }) })
  const puller = bus.consumers.createPuller({ stream: 'STEPS', consumer: 'x-p1' }, () => undefined)
  await puller.pull({ batch: 1, expiresMs: 5000 })
  await happen(cancel(taskId))
  const depth = () => bus.consumers.depth('STEPS', 'x-p1')
  await until('nothing waits', async () => (await depth())?.waiting === 0)
  await until('nothing is in work', async () => (await depth())?.inWork === 0)
  t.equal(await messages('STEPS'), 0)
})

t.test('a step that is retracted before the broker has told where it lies', async (t) => {
  const deleted: number[] = []
  const bus = { streams: { deleteMessage: async (_: string, seq: number) => void deleted.push(seq) } }
  const steps = new DispatchedSteps(bus, quietLog)
  steps.retract('t:a:1')
  steps.stored('t:a:1', 7)
  t.strictSame(deleted, [7])
  steps.stored('t:b:1', 8)
  steps.forget('t:b:1')
  steps.retract('t:b:1')
  t.strictSame(deleted, [7], 'its agent has acknowledged it')
})

t.test('another message in the same place is left alone', async (t) => {
  const { seq } = await bus.publisher.publish(SUBJECTS.step('x', 1), JSON.stringify(stepMessageExample), {
    msgId: 'innocent',
  })
  const steps = new DispatchedSteps(bus, quietLog)
  steps.stored('t:a:1', seq)
  steps.retract('t:a:1')
  const { taskId, stepId, attempt } = stepMessageExample
  const { seq: mine } = await bus.publisher.publish(
    SUBJECTS.step('x', 1),
    JSON.stringify(stepMessageExample),
    {
      msgId: 'mine',
    },
  )
  steps.stored(MESSAGE_IDS.dispatch(taskId, stepId, attempt), mine)
  steps.retract(MESSAGE_IDS.dispatch(taskId, stepId, attempt))
  await until(
    'the one that is meant is gone',
    async () => (await bus.streams.messageAt('STEPS', mine)) === undefined,
  )
  t.ok(await bus.streams.messageAt('STEPS', seq))
  await bus.streams.deleteMessage('STEPS', seq)
})

t.test('what can not be taken out is no matter', async (t) => {
  let asked = 0
  const streams = {
    async deleteMessage() {
      asked++
      throw new Error('the server is away')
    },
  }
  const bus = { streams }
  const steps = new DispatchedSteps(bus, quietLog)
  for (let i = 1; i <= 20; i++) {
    steps.stored(`t:${i}:1`, i)
    steps.retract(`t:${i}:1`)
  }
  await until('all were tried', () => asked >= 20)
  t.equal(asked, 20, 'and each once')
})

t.test('poison is kept once, as it was sent', async (t) => {
  const { taskId, happen } = story()
  const body = acceptedTask({ taskId, plan: { steps: [{ ...plan.steps[0]!, input: { n: 1 } }] } })
  await happen({ kind: 'accepted', body })
  const error = { code: 'AGENT_CRASHED', message: 'it died' }
  const ran = { instance: 'x-1', startedAtMs: 1, finishedAtMs: 2 }
  const crash = {
    v: 1 as const,
    taskId,
    stepId: 'a',
    attempt: 1,
    ...ran,
    outcome: { kind: 'retry' as const, error },
  }
  await happen({ kind: 'result', body: crash }, { kind: 'result', body: crash })
  t.equal(await messages('DEAD'), 1)
  const dead = (await bus.streams.nextMessage('DEAD', SUBJECTS.dead('x'), 1))!
  t.match(stepMessageSchema.parse(JSON.parse(Buffer.from(dead.data).toString())), {
    taskId,
    stepId: 'a',
    attempt: 1,
    input: { n: 1 },
  })
  t.equal(dead.header('Nats-Msg-Id'), `${taskId}:a:1:dead`)
})
