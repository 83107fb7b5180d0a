import { once } from 'node:events'
import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import { type StepMessage, type StepResult, stepMessageExample } from '#schemas/step-message.ts'
import { SERVICES } from '#subjects/operations.ts'
import { STREAMS } from '#subjects/streams.ts'
import { partitionOf, SUBJECTS } from '#subjects/subjects.ts'
import { encodeResultBatch, splitResultBatch } from '../../services/platform/json/result-batch.ts'
import type { Delivery } from '../../services/platform/nats/delivery.ts'
import { ResultBatches } from '../../services/sdk/result-batches.ts'
import { openBus, openNats } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

t.setTimeout(120_000)

/** One: all results of an agent type are of the same partition. */
const MURMUR_PARTITIONS = '1'
const servers = await withServers(t)
const startOrchestrator = (env: Record<string, string> = {}) =>
  startService(t, servers, 'services/orchestrator/main.ts', { MURMUR_PARTITIONS, ...env })
let orchestrator = await startOrchestrator()
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
const ask = (subject: string, body: object) => bus.request(subject, body, { timeoutMs: 10_000 })

const work = (workMs: number) => ({ value: 1, times: 2, plus: 3, workMs })
async function submit(agent: string, input: object, count: number): Promise<string[]> {
  const plan = { steps: [{ id: 'a', agent, input }] }
  const answers = Array.from({ length: count }, () => ask(SERVICES.submitTask, { type: 'plan', plan }))
  return (await Promise.all(answers)).map((answer) => (answer as { taskId: string }).taskId)
}

/** How many results each message of the log has, of those of an agent type behind a place. */
async function sizesBehind(seq: number, agent: string): Promise<number[]> {
  const sizes: number[] = []
  for (let at = seq + 1; ; ) {
    const message = await bus.streams.nextMessage(STREAMS.log.name, SUBJECTS.result(0, agent), at)
    if (!message) return sizes
    const { data } = message
    const isBatch = Buffer.from(data).toString().startsWith('{"v":2')
    sizes.push(isBatch ? (splitResultBatch(data) as Uint8Array[]).length : 1)
    at = message.seq + 1
  }
}
const lastSeq = async () => (await bus.streams.facts(STREAMS.log.name)).lastSeq
const publishResults = (agent: string, texts: string[], msgId: string) =>
  bus.publisher.publish(SUBJECTS.result(0, agent), encodeResultBatch(texts), { msgId })

const result = ({ taskId, stepId, attempt, token }: StepMessage, about: Partial<StepResult> = {}) =>
  JSON.stringify({
    ...{ v: 1, taskId, stepId, attempt, ...(token && { token }), instance: 'by-hand' },
    ...{ startedAtMs: 1, finishedAtMs: 2, outcome: { kind: 'done', output: { value: 7 } } },
    ...about,
  })

/** Takes the steps of these tasks from the queue, and keeps them. */
async function take(agent: string, ids: string[]): Promise<{ steps: StepMessage[]; taken: Delivery[] }> {
  const taken: Delivery[] = []
  const from = { stream: STREAMS.steps.name, consumer: `${agent}-p2` }
  const puller = bus.consumers.createPuller(from, (delivery) => void taken.push(delivery))
  while (taken.length < ids.length) await puller.pull({ batch: ids.length - taken.length, expiresMs: 1000 })
  const all = taken.map(({ data }) => JSON.parse(Buffer.from(data).toString()) as StepMessage)
  return { steps: ids.map((id) => all.find(({ taskId }) => taskId === id)!), taken }
}

t.test('a batch with what is wrong in it: each result stands or falls by itself', async (t) => {
  await ask(SERVICES.registerAgent, { type: 'by-hand', instance: 'by-hand' })
  const ids = await submit('by-hand', {}, 5)
  const { steps, taken } = await take('by-hand', ids)
  for (const step of steps) t.equal(step.resultBatches, true, 'orchestrators say that they read batches')
  const [good, odd, deep, torn, last] = steps as [StepMessage, ...StepMessage[]] & StepMessage[]
  const nested = `${'['.repeat(70)}${']'.repeat(70)}`
  await publishResults(
    'by-hand',
    [
      result(good!),
      result(odd!, { outcome: { kind: 'perhaps' } as never }),
      result(deep!).replace('{"value":7}', nested),
      '{"torn',
      result(good!, { stepId: 'a', attempt: 9 }),
      result(last!),
    ],
    'with-bad',
  )
  const endedAs = async (step: StepMessage) => endOfTask(bus, step.taskId)
  t.match(await endedAs(good!), { status: 'completed', output: { a: { value: 7 } } })
  t.match(await endedAs(last!), { status: 'completed' })
  for (const step of [odd!, deep!])
    t.match(await endedAs(step), { status: 'failed', error: { code: 'INVALID_OUTCOME' } })
  const { task } = (await ask(SERVICES.getTask, { taskId: torn!.taskId })) as { task: { status: string } }
  t.equal(task.status, 'running', 'whose result nobody can tell goes on')
  const letters: string[] = []
  await until('what could not be read lies under dead', async () => {
    letters.length = 0
    for (let at = 1; ; ) {
      const message = await bus.streams.nextMessage('DEAD', SUBJECTS.dead('by-hand'), at)
      if (!message) break
      letters.push(Buffer.from(message.data).toString())
      at = message.seq + 1
    }
    return letters.length >= 2
  })
  t.match(letters, ['{"torn', /"attempt":9/], 'these two and nothing else')
  await publishResults('by-hand', [result(torn!)], 'torn-again')
  t.match(await endedAs(torn!), { status: 'completed' })
  for (const delivery of taken) delivery.ack()
})

t.test('an agent dies between its batch and the word to the broker: nothing is done twice', async (t) => {
  await ask(SERVICES.registerAgent, { type: 'chaos', instance: 'dead-one' })
  const ids = await submit('chaos', work(1), 8)
  const { steps } = await take('chaos', ids)
  const texts = steps.map((step) => result(step))
  const { seq } = await publishResults('chaos', texts, 'of-the-dead')
  // Its publisher had not heard of it, and sent it again; so did somebody under another id.
  t.match(await publishResults('chaos', texts, 'of-the-dead'), { seq, duplicate: true })
  await publishResults('chaos', texts, 'again')
  const agent = await startService(t, servers, 'test/support/chaos-agent.ts')
  const began: string[] = []
  agent.on('message', ({ kind, key }: { kind?: string; key?: string }) => {
    if (kind === 'began') began.push(key!)
  })
  for (const id of ids)
    t.match(await endOfTask(bus, id), { status: 'completed', output: { a: { value: 7 } } })
  const isQueueEmpty = async () => {
    const depth = await bus.consumers.depth(STREAMS.steps.name, 'chaos-p2')
    return depth?.waiting === 0 && depth.inWork === 0
  }
  await until('the steps came again, and were settled', isQueueEmpty, 30_000)
  t.strictSame(began, [], 'none of them was run')
  agent.kill('SIGTERM')
  await once(agent, 'exit')
})

t.test('a busy process sends batches where orchestrators read them, and only there', async (t) => {
  await startService(t, servers, 'loadtest/bench/noop-agents.ts')
  const run = async () => {
    const before = await lastSeq()
    const ids = await submit('noop-a', { payload: 'x' }, 300)
    const ends = await Promise.all(ids.map((id) => endOfTask(bus, id)))
    t.ok(ends.every(({ status }) => status === 'completed'))
    return sizesBehind(before, 'noop-a')
  }
  const sum = (sizes: number[]) => sizes.reduce((all, size) => all + size, 0)
  const sizes = await run()
  t.equal(sum(sizes), 300)
  t.ok(Math.max(...sizes) > 1, `${sizes.length} messages, the largest with ${Math.max(...sizes)} results`)
  orchestrator.kill('SIGTERM')
  await once(orchestrator, 'exit')
  orchestrator = await startOrchestrator({ MURMUR_RESULT_BATCHES: 'no' })
  t.strictSame(
    await run(),
    Array.from({ length: 300 }, () => 1),
  )
})

t.test('a batch that is too large for the stream is sent one by one', async (t) => {
  orchestrator.kill('SIGTERM')
  await once(orchestrator, 'exit')
  const { config } = await jsm.streams.info(STREAMS.log.name)
  await jsm.streams.update(STREAMS.log.name, { ...config, max_msg_size: 1000 })
  const before = await lastSeq()
  const batches = new ResultBatches(bus.publisher)
  const ran = {
    instance: 'i',
    startedAtMs: 1,
    finishedAtMs: 2,
    outcome: { kind: 'done', output: 1 },
  } as const
  const steps = Array.from({ length: LIMITS.resultBatchCount }, (_, i) => ({
    ...{ ...stepMessageExample, taskId: `large-${i}`, reply: SUBJECTS.result(0, 'large') },
    ...{ agent: 'large', resultBatches: true },
  }))
  t.equal(partitionOf('large-1', 1), 0)
  await Promise.all(steps.map((step) => batches.publish(step, ran, { isAlone: false })))
  t.strictSame(
    await sizesBehind(before, 'large'),
    steps.map(() => 1),
  )
})
