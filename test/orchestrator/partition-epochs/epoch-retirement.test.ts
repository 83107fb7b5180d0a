import t from 'tap'
import type { PartitionEpochs } from '../../../schemas/partition-epochs.ts'
import { EpochRetirement } from '../../../services/orchestrator/partition-epochs/epoch-retirement.ts'
import { grown, madeWith } from '../../../services/orchestrator/partition-epochs/epoch-rules.ts'
import { systemClock } from '../../../services/platform/clock/clock.ts'
import { quietLog } from '../../support/owner-fixture.ts'

const NOW = 10_000_000
const KEEP_MS = 600_000
const begun = grown(madeWith(2), 4, { nowMs: 0, leaseMs: 1000 })

/** Two partitions of before, of which the second has what the test says. */
async function left(
  about: {
    log?: readonly string[]
    level?: boolean
    position?: 'none'
    tasks?: number
    checkpoint?: number
    restoredAtMs?: number
    leads?: boolean
    record?: PartitionEpochs
  } = {},
): Promise<number[]> {
  const { log = [], level = true, position, tasks = 0, checkpoint = 0, restoredAtMs, leads = true } = about
  let record = about.record ?? begun
  const isIt = (partition: number) => partition === 1
  const retirement = new EpochRetirement({
    bus: {
      streams: {
        fill: async (_stream: string, subjectsOf?: string) => ({
          ...{ bytes: 0, maxBytes: 0, messages: 0, maxMessages: 0, lastSeq: 9 },
          subjects: new Map(subjectsOf === 'log.1.>' ? log.map((subject) => [subject, 1]) : []),
        }),
        lastSeq: async (_stream: string, subject: string) => (subject === 'checkpoints.1.>' ? checkpoint : 0),
      },
    },
    known: {
      get record() {
        return record
      },
      change: async (change) => {
        record = change(record)
        return record
      },
    },
    store: {
      position: async (partition: number) =>
        isIt(partition) && position === 'none'
          ? undefined
          : {
              ...{ offset: 9, emitted: 9, log: undefined },
              level: isIt(partition) ? level : true,
              ...(isIt(partition) && restoredAtMs !== undefined && { restoredAtMs }),
            },
      newestTasks: async (partition: number) =>
        isIt(partition) && tasks > 0 ? [{ id: 'a', createdAtMs: 1 }] : [],
    },
    keepFinishedMs: KEEP_MS,
    isLeading: () => leads,
    intervalMs: 60_000,
    clock: { ...systemClock, nowMs: () => NOW },
    log: quietLog,
  })
  await retirement.start()
  await retirement.stop()
  return record.epochs.map(({ first }) => first)
}

t.test('partitions that nothing is left of are taken out', async (t) => {
  t.strictSame(await left(), [2])
  t.strictSame(await left({ restoredAtMs: NOW - KEEP_MS - 1 }), [2])
  t.strictSame(await left({ log: ['log.1.horizon'] }), [2], 'a mark of what was purged is nothing')
})

t.test('they stay while anything is left, or nobody can say', async (t) => {
  const cases = {
    'the log has something': { log: ['log.1.horizon', 'log.1.accepted'] },
    'a task may be read': { tasks: 1 },
    'it is built anew': { level: false },
    'nobody has opened it': { position: 'none' as const },
    'there is a checkpoint': { checkpoint: 3 },
    'what ended is in the archive alone, and its key counts still': { restoredAtMs: NOW - KEEP_MS + 1 },
    'another one looks after it': { leads: false },
  }
  for (const [why, about] of Object.entries(cases)) t.strictSame(await left(about), [0, 2], why)
})

t.test('the current ones stay, and those before the next', async (t) => {
  t.strictSame(await left({ record: madeWith(2) }), [0])
  t.strictSame(await left({ record: grown(madeWith(2), 4, { nowMs: NOW, leaseMs: 1000 }) }), [0, 2])
})
