import t from 'tap'
import type { Bus } from '#platform/nats/bus.ts'
import { stepResultSchema } from '#schemas/step-message.ts'
import { parseLogSubject, partitionOf } from '#subjects/subjects.ts'
import { RESERVED_AGENTS } from '#workflow/decide/run-body.ts'
import { publishResult } from '../../../services/orchestrator/partition/publish-result.ts'

const about = {
  ...{ tenant: 'acme', taskId: 'k', runId: 'list.items', attempt: 2, agent: RESERVED_AGENTS.evaluation },
  ...{ instance: 'o-1', startedAtMs: 1, finishedAtMs: 2 },
}

t.test(
  'a result goes into the log of its task, as an agent would write it; again it has the same id',
  async (t) => {
    const sent: [subject: string, payload: string, msgId: string][] = []
    const publish = async (subject: string, payload: string, { msgId }: { msgId: string }) => {
      sent.push([subject, payload, msgId])
      return { seq: sent.length, duplicate: false }
    }
    const deps = { bus: { publisher: { publish } } as unknown as Bus, partitions: 8 }
    for (let i = 0; i < 2; i++) await publishResult(deps, about, { kind: 'done', output: { total: 3 } })
    await publishResult(deps, { ...about, attempt: 3 }, { kind: 'done', output: null })
    const [[subject, payload, msgId], again, next] = sent as [
      (typeof sent)[0],
      (typeof sent)[0],
      (typeof sent)[0],
    ]
    t.strictSame(parseLogSubject(subject), {
      partition: partitionOf('k', 8),
      kind: 'result',
      agent: '_evaluation',
    })
    t.match(stepResultSchema.parse(JSON.parse(payload)), {
      ...{ taskId: 'k', stepId: 'list.items', attempt: 2, instance: 'o-1', startedAtMs: 1, finishedAtMs: 2 },
      outcome: { kind: 'done', output: { total: 3 } },
    })
    t.strictSame(again, [subject, payload, msgId])
    t.not(next[2], msgId)
  },
)
