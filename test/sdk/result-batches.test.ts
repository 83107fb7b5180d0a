import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import { type StepResult, stepMessageExample } from '#schemas/step-message.ts'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { splitResultBatch } from '../../services/platform/json/result-batch.ts'
import { type PublishOptions, StreamRefusal } from '../../services/platform/nats/publisher.ts'
import { ResultBatches } from '../../services/sdk/result-batches.ts'
import { MESSAGE_IDS, SUBJECTS } from '../../subjects/subjects.ts'

const ran = { instance: 'i', startedAtMs: 1, finishedAtMs: 2, outcome: { kind: 'done', output: 7 } } as const
const { agent } = stepMessageExample
const stepOf = (taskId: string, about: Partial<typeof stepMessageExample> = {}) => ({
  ...{ ...stepMessageExample, taskId, reply: SUBJECTS.result(3, agent), resultBatches: true },
  ...about,
})
const [TOGETHER, ALONE] = [{ isAlone: false }, { isAlone: true }]

interface Sent {
  subject: string
  tasks: string[]
  msgId: string
  bytes: number
}

/** Keeps what was sent; `refuse` may throw. */
function worldOf(refuse: (sent: Sent) => void = () => {}) {
  const sent: Sent[] = []
  const publisher = {
    async publish(subject: string, data: string | Uint8Array, { msgId }: PublishOptions) {
      const bytes = Buffer.from(data)
      const parts = bytes.toString().startsWith('{"v":2')
        ? (splitResultBatch(bytes) as Uint8Array[])
        : [bytes]
      const tasks = parts.map((part) => (JSON.parse(Buffer.from(part).toString()) as StepResult).taskId)
      const one = { subject, tasks, msgId, bytes: bytes.length }
      sent.push(one)
      refuse(one)
      return { seq: 1, duplicate: false }
    },
  }
  return { sent, batches: new ResultBatches(publisher) }
}
const tasksOf = (sent: readonly Sent[]) => sent.map(({ tasks }) => tasks)

t.test('what is ready in one turn is one message; one alone is what it was without batches', async (t) => {
  const { sent, batches } = worldOf()
  await batches.publish(stepOf('a'), ran, TOGETHER)
  const { stepId, attempt } = stepMessageExample
  t.match(sent, [{ tasks: ['a'], msgId: MESSAGE_IDS.result('a', stepId, attempt, ran) }])
  await Promise.all(['b', 'c', 'd'].map((id) => batches.publish(stepOf(id), ran, TOGETHER)))
  t.strictSame(tasksOf(sent.slice(1)), [['b', 'c', 'd']])
  t.not(sent[1]!.msgId, MESSAGE_IDS.result('b', stepId, attempt, ran), 'none of the ids that they have alone')
})

t.test('results go together only where they may', async (t) => {
  const { sent, batches } = worldOf()
  await Promise.all([
    batches.publish(stepOf('old', { resultBatches: undefined }), ran, TOGETHER),
    batches.publish(stepOf('again'), ran, ALONE),
    batches.publish(stepOf('x'), ran, TOGETHER),
    batches.publish(stepOf('other', { reply: SUBJECTS.result(4, agent) }), ran, TOGETHER),
    batches.publish(stepOf('y'), ran, TOGETHER),
  ])
  t.strictSame(tasksOf(sent), [['old'], ['again'], ['x', 'y'], ['other']])
})

t.test('a batch has one result of a task, 64 results and 256 KiB at most', async (t) => {
  const { sent, batches } = worldOf()
  const publish = (id: string, output: string | number = 1) =>
    batches.publish(stepOf(id), { ...ran, outcome: { kind: 'done', output } }, TOGETHER)
  await Promise.all(['a', 'b', 'a', 'b', 'a'].map((id) => publish(id)))
  t.strictSame(tasksOf(sent.splice(0)), [['a', 'b'], ['a', 'b'], ['a']])
  const { resultBatchCount, resultBatchBytes } = LIMITS
  await Promise.all(Array.from({ length: 2 * resultBatchCount + 1 }, (_, i) => publish(`t${i}`)))
  t.strictSame(
    sent.splice(0).map(({ tasks }) => tasks.length),
    [resultBatchCount, resultBatchCount, 1],
  )
  // Of two bytes a character.
  await Promise.all(Array.from({ length: 9 }, (_, i) => publish(`t${i}`, 'ä'.repeat(resultBatchBytes / 8))))
  for (const { bytes } of sent) t.ok(bytes <= resultBatchBytes, `${bytes} bytes`)
  t.equal(sent.splice(0).length, 3, 'four hardly do not fit')
  await Promise.all([publish('small'), publish('huge', 'x'.repeat(resultBatchBytes)), publish('too')])
  t.strictSame(
    tasksOf(sent),
    [['huge'], ['small', 'too']],
    'one that is too large for any goes alone at once',
  )
})

t.test('a batch that is refused for good is sent one by one, and each is told by itself', async (t) => {
  for (const refusal of [
    new MurmurError('PAYLOAD_TOO_LARGE', 'it has 9 bytes'),
    new StreamRefusal('UNAVAILABLE', 'message size exceeds maximum allowed (10054)'),
  ]) {
    const { sent, batches } = worldOf(({ tasks }) => {
      if (tasks.length > 1) throw refusal
      if (tasks[0] === 'bad') throw new MurmurError('UNAVAILABLE', 'closed')
    })
    const told = await Promise.allSettled(
      ['a', 'bad', 'c'].map((id) => batches.publish(stepOf(id), ran, TOGETHER)),
    )
    t.strictSame(tasksOf(sent), [['a', 'bad', 'c'], ['a'], ['bad'], ['c']])
    t.strictSame(
      told.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
  }
})

t.test('what was not stored is told of all of them: their steps come again', async (t) => {
  const { sent, batches } = worldOf(() => {
    throw new MurmurError('UNAVAILABLE', 'the connection to NATS is closed')
  })
  const told = await Promise.allSettled(['a', 'b'].map((id) => batches.publish(stepOf(id), ran, TOGETHER)))
  t.strictSame(
    told.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  t.equal(sent.length, 1)
})
