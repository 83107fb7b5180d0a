import t from 'tap'
import type { AgentPolicy } from '#schemas/agent-policy.ts'
import type { Placement } from '#schemas/placement.ts'
import { type StepMessage, stepMessageExample } from '#schemas/step-message.ts'
import { partitionOf } from '#subjects/subjects.ts'
import { toPolicy } from '../../../services/orchestrator/dispatch/agent-policy.ts'
import { Dispatcher } from '../../../services/orchestrator/dispatch/dispatcher.ts'
import { QueueReturn } from '../../../services/orchestrator/dispatch/queue-return.ts'
import { createManualClock } from '../../../services/platform/clock/manual-clock.ts'
import { heartbeatOf } from '../../support/dispatch-fixture.ts'
import { quietLog } from '../../support/owner-fixture.ts'

const PARTITIONS = 4
const SUBJECT = 'steps.x.at.3'

/** A stream with two steps in the queue of one instance, of which the first was handed out. */
function fixture({
  owns = () => true,
  about = {},
  policy = {},
}: {
  owns?: (partition: number) => boolean
  about?: Partial<StepMessage>
  policy?: AgentPolicy
} = {}) {
  const clock = createManualClock()
  const dispatcher = new Dispatcher({
    clock,
    brokerNowMs: clock.nowMs,
    orchestrators: () => 1,
    policyOf: () => toPolicy(policy),
  })
  t.teardown(() => dispatcher.stop())
  const step = (taskId: string): StepMessage => ({ ...stepMessageExample, taskId, agent: 'x', ...about })
  const stored = new Map([7, 9].map((seq) => [seq, step(`t${seq}`)]))
  const kept: { id: string; runId: string; placement: Placement }[] = []
  const published: { subject: string; msgId: string; body: StepMessage }[] = []
  const queueReturn = new QueueReturn({
    bus: {
      publisher: {
        publish: async (subject: string, data: string, { msgId }: { msgId: string }) => {
          published.push({ subject, msgId, body: JSON.parse(data) })
          return { seq: 100 + published.length, duplicate: false }
        },
      } as never,
      streams: {
        fill: async () => ({ subjects: new Map(stored.size > 0 ? [[SUBJECT, stored.size]] : []) }) as never,
        nextMessage: async (_stream, _subject, from) => {
          const seq = [...stored.keys()].find((one) => one >= from)
          if (seq === undefined) return undefined
          const data = Buffer.from(JSON.stringify(stored.get(seq)))
          return { seq, data, subject: SUBJECT, storedAtMs: 0, header: () => undefined }
        },
        deleteMessage: async (_stream, seq) => void stored.delete(seq),
      },
      consumers: {
        depth: async () => ({ waiting: 1, inWork: 1, delivered: 1, deliveredSeq: 7, settledSeq: 0 }),
      },
    },
    dispatcher,
    dispatched: { stored: () => undefined },
    placements: { record: (_, { id }, runId, placement) => void kept.push({ id, runId, placement }) },
    clock,
    partitions: PARTITIONS,
    owns,
    log: quietLog,
  })
  const heard = (about: object = {}, instance = 'i') =>
    dispatcher.onHeartbeat(heartbeatOf('x', instance, { queue: 3, ...about }))
  return { clock, queueReturn, stored, published, heard, kept }
}

t.test('of an instance that lives, nothing; of one that is silent, everything', async (t) => {
  const { clock, queueReturn, stored, published, heard, kept } = fixture()
  heard()
  t.equal(await queueReturn.poll(), 0)
  await clock.advance(2900)
  t.equal(await queueReturn.poll(), 0)
  await clock.advance(200)
  t.equal(await queueReturn.poll(), 2)
  t.match(published, [
    { subject: 'steps.x.any.2', msgId: 't7:count:1:from:7', body: { attempt: 1, handedBack: 1 } },
    { subject: 'steps.x.any.2', msgId: 't9:count:1:from:9', body: { attempt: 1, handedBack: 1 } },
  ])
  t.equal(stored.size, 0)
  t.match(kept, [{ id: 't7', runId: 'count', placement: { because: /did not take it/ } }, { id: 't9' }])
  t.equal(kept[0]?.placement.instance, undefined)
})

for (const [what, about] of [
  ['stops', { status: 'draining' }],
  ['stands still', { blockedMs: 5000 }],
] as const)
  t.test(`of one that ${what}, what it was not handed yet`, async (t) => {
    const { queueReturn, stored, heard } = fixture()
    heard(about)
    t.equal(await queueReturn.poll(), 1)
    t.strictSame([...stored.keys()], [7], 'what it has in its hands stays')
  })

t.test('one that has ended has no hands; nobody at all has the queue: the same', async (t) => {
  const ended = fixture()
  ended.heard({ status: 'stopped' })
  t.equal(await ended.queueReturn.poll(), 2)
  t.equal(await fixture().queueReturn.poll(), 2)
})

t.test('each orchestrator only for its own partitions', async (t) => {
  const own = partitionOf('t9', PARTITIONS)
  t.not(partitionOf('t7', PARTITIONS), own)
  const { queueReturn, stored } = fixture({ owns: (partition) => partition === own })
  t.equal(await queueReturn.poll(), 1)
  t.strictSame([...stored.keys()], [7])
})

t.test('what another process dispatched goes on by what its message asks for', async (t) => {
  const asks = { version: '^2', requires: ['gpu'], priority: 0 as const }
  const { queueReturn, stored, published, heard, kept } = fixture({ about: asks })
  heard({ queue: 4, version: '1.4.0', capabilities: ['gpu'] }, 'old')
  heard({ queue: 5, version: '2.0.0' }, 'plain')
  t.equal(await queueReturn.poll(), 0, 'nobody of its kind: it stays')
  t.equal(stored.size, 2)
  heard({ queue: 6, version: '2.1.0', capabilities: ['gpu'] }, 'right')
  t.equal(await queueReturn.poll(), 2)
  t.match(published, [{ subject: 'steps.x.at.6', body: asks }, { subject: 'steps.x.at.6' }])
  t.match(kept[0]?.placement, { instance: 'right', leftOut: [{ instance: 'old' }, { instance: 'plain' }] })
})

t.test('the priority of its task stays, and shares of versions hold for what is handed back', async (t) => {
  const urgent = fixture({ about: { priority: 1 } })
  await urgent.queueReturn.poll()
  t.match(urgent.published, [{ subject: 'steps.x.any.1' }, {}])
  const shared = fixture({ policy: { versions: { '2.x': 1 } } })
  shared.heard({ queue: 4, version: '1.4.0' }, 'old')
  t.equal(await shared.queueReturn.poll(), 0)
  shared.heard({ queue: 5, version: '2.0.0' }, 'new')
  t.equal(await shared.queueReturn.poll(), 2)
  t.match(shared.published, [{ subject: 'steps.x.at.5' }, { subject: 'steps.x.at.5' }])
})
