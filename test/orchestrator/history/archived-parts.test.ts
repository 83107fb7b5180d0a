import fc from 'fast-check'
import t from 'tap'
import { stepResultExample } from '#schemas/step-message.ts'
import { isTerminal } from '#schemas/task.ts'
import { archivedUpTo } from '../../../services/orchestrator/history/archive-catalogue.ts'
import { archivedParts, decodeArchived } from '../../../services/orchestrator/history/archived-parts.ts'
import { encodeCapsule, openCapsule } from '../../../services/orchestrator/history/capsule.ts'
import { StateBudget } from '../../../services/orchestrator/history/event-annotator.ts'
import { decodeLine, encodeLine } from '../../../services/orchestrator/history/event-line.ts'
import { replayTasks } from '../../../services/orchestrator/history/replay.ts'
import { stateHash } from '../../../services/orchestrator/history/state-hash.ts'
import type { RawEvent } from '../../../services/orchestrator/partition/decode-event.ts'
import { decodeMessage } from '../../../services/orchestrator/partition/decode-message.ts'
import { encodeResultBatch } from '../../../services/platform/json/result-batch.ts'
import { ArchivableLog, archived, LOG_NAME, startArchiver, statesOf } from '../../support/archived-log.ts'
import { MemoryFileStore } from '../../support/memory-file-store.ts'
import { batchedLogArbitrary } from '../../support/random-log.ts'

const KEEP_MS = 86_400_000
const bare = ({ subject, data, seq, storedAtMs, index }: RawEvent) => ({
  ...{ subject, data: Buffer.from(data), seq, storedAtMs, index },
})
const batch = (texts: string[]): RawEvent => ({
  ...{ subject: 'log.3.result.word-count', seq: 7, storedAtMs: 5 },
  data: Buffer.from(encodeResultBatch(texts)),
})
const resultOf = (taskId: string, about: object = {}) =>
  JSON.stringify({ ...stepResultExample, taskId, ...about })
const reread = (raw: RawEvent) => decodeLine(encodeLine(raw, { kind: 'result' }, false))!

t.test(
  'any log with batches and single events: a line a result, and the states that the log makes of its tasks',
  async (t) => {
    let batches = 0
    await fc.assert(
      fc.asyncProperty(
        batchedLogArbitrary,
        fc.integer({ min: 1, max: 30 }),
        fc.boolean(),
        async (messages, maxEvents, isForgetful) => {
          const store = new MemoryFileStore()
          const log = new ArchivableLog()
          log.push(...messages)
          const budget = new StateBudget(isForgetful ? 500 : 64 * 1024 * 1024)
          const { archiver, upTo } = startArchiver(log, store, { limits: { maxEvents }, budget })
          await upTo(messages.at(-1)!.seq)
          await archiver.stop()
          const { events, chain, reader } = await archived(store, KEEP_MS)
          const parts = messages.flatMap((message) => decodeMessage(message).map(({ raw }) => raw))
          batches += parts.length - messages.length
          t.strictSame(events.map(bare), parts.map(bare), 'to the byte')
          t.equal(
            await archivedUpTo(store, { log: LOG_NAME, partition: 0, partitions: 1 }),
            messages.at(-1)!.seq,
          )
          for (const { fromSeq, toSeq, events: count } of chain)
            t.equal(
              parts.filter(({ seq }) => seq >= fromSeq && seq <= toSeq).length,
              count,
              'all of a message is in the same segment',
            )
          for (const [id, state] of statesOf(messages, KEEP_MS)) {
            if (!state || !isTerminal(state.status)) {
              t.equal(await reader.findTask(id), undefined)
              continue
            }
            const found = (await reader.findEvents(id))!
            t.equal(stateHash((await reader.findTask(id))!), stateHash(state))
            t.match(replayTasks([found.events], { keepFinishedMs: KEEP_MS }), {
              compared: 1,
              different: [],
              undecodable: 0,
            })
            const about = { taskId: id, software: 'x', keepFinishedMs: KEEP_MS, objects: [] }
            const capsule = openCapsule(encodeCapsule({ ...about, events: found.events }))
            t.match(capsule, { isSame: true, stateHash: stateHash(state) })
            t.strictSame(capsule.events.map(bare), found.events.map(bare))
          }
        },
      ),
      { numRuns: 40 },
    )
    t.ok(batches > 100, `${batches} results came with another one`)
  },
)

t.test('a line alone is what its part of the message was', async (t) => {
  const parts = archivedParts(
    batch([resultOf('a'), '{"torn', resultOf('a', { stepId: 'other' }), resultOf('b', { outcome: {} })]),
  )
  t.match(
    parts.map(({ raw, decoded }) => [raw.index, raw.refused, decoded]),
    [
      [0, undefined, { event: { body: { taskId: 'a' } } }],
      [1, undefined, { fault: /not JSON/ }],
      [2, /task "a" has another one/, { fault: /another one/ }],
      [3, undefined, { event: { body: { taskId: 'b', outcome: { error: { code: 'INVALID_OUTCOME' } } } } }],
    ],
  )
  for (const { raw, decoded } of parts) {
    const line = reread(raw)
    t.strictSame(Buffer.from(line.data), Buffer.from(raw.data))
    const again = decodeArchived(line)
    t.equal('event' in again, 'event' in decoded, `part ${raw.index}`)
    if ('event' in decoded) t.strictSame(again, decoded)
  }
})

t.test('what is no batch that may be is one line, and no event', async (t) => {
  const cut = { ...batch([resultOf('a'), resultOf('b')]) }
  cut.data = cut.data.subarray(0, cut.data.length - 1)
  const parts = archivedParts(cut)
  t.match(parts, [{ raw: { index: undefined }, decoded: { fault: /cut off/ } }])
  t.match(decodeArchived(reread(parts[0]!.raw)), { fault: /cut off/ })
  t.strictSame(Buffer.from(reread(parts[0]!.raw).data), Buffer.from(cut.data))
})
