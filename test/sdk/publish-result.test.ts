import t from 'tap'
import { stepMessageExample } from '../../schemas/step-message.ts'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { publishResult } from '../../services/sdk/publish-result.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'

const ran = {
  instance: 'i',
  startedAtMs: 1,
  finishedAtMs: 2,
  outcome: { kind: 'done', output: 7 },
} as const
const { taskId, stepId, attempt, agent } = stepMessageExample
const reply = SUBJECTS.result(3, agent)

/** A publisher that throws these first, one each time. */
function publisherOf(...refusals: MurmurError[]) {
  const sent: { subject: string; result: { outcome: unknown }; msgId: string }[] = []
  return {
    sent,
    async publish(subject: string, data: string | Uint8Array, { msgId }: { msgId: string }) {
      sent.push({ subject, result: JSON.parse(String(data)), msgId })
      const refusal = refusals.shift()
      if (refusal) throw refusal
      return { seq: 1, duplicate: false }
    },
  }
}

t.test('a result goes where the step says, named after its attempt', async (t) => {
  const publisher = publisherOf()
  await publishResult(publisher, { ...stepMessageExample, reply }, ran)
  t.strictSame(publisher.sent[0]!.result, { v: 1, taskId, stepId, attempt, ...ran })
  t.equal(publisher.sent[0]!.subject, reply)
  t.match(publisher.sent[0]!.msgId, taskId)
})

t.test('a step of an earlier version: the subject that this type of agent may write on', async (t) => {
  const publisher = publisherOf()
  await publishResult(publisher, { ...stepMessageExample, reply: 'log.3.result' }, ran)
  t.equal(publisher.sent[0]!.subject, reply)
})

t.test('a result that no message can hold becomes a failure that says so', async (t) => {
  const publisher = publisherOf(new MurmurError('PAYLOAD_TOO_LARGE', 'it has 9 bytes'))
  await publishResult(publisher, stepMessageExample, ran)
  t.match(publisher.sent[1]?.result.outcome, {
    kind: 'fail',
    error: { code: 'OUTPUT_TOO_LARGE', message: 'it has 9 bytes' },
  })
})

t.test('other faults are thrown, and nothing is tried again', async (t) => {
  const publisher = publisherOf(new MurmurError('UNAVAILABLE', 'closed'))
  await t.rejects(publishResult(publisher, stepMessageExample, ran), { code: 'UNAVAILABLE' })
  t.equal(publisher.sent.length, 1)
})
