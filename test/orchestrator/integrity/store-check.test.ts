import t from 'tap'
import type { TaskState } from '#schemas/task.ts'
import type { AuditedTask } from '../../../services/orchestrator/integrity/audited-tasks.ts'
import { checkStore, type Question } from '../../../services/orchestrator/integrity/store-check.ts'
import type { PartitionPosition } from '../../../services/orchestrator/partition/partition-store.ts'
import { dispatchedTask } from '../../support/emitter-fixture.ts'

const NOW = 1_000_000
const DAY_MS = 86_400_000
const SUSPECTED = { rule: 'accepted-once', message: 'twice' } as const

const open: TaskState = { ...dispatchedTask('t-1', { agent: 'x' }), createdAtMs: 5, seq: 9 }
const ended: TaskState = { ...open, status: 'completed', finishedAtMs: NOW - 50, output: { a: 1 } }
const taskOf = (state: TaskState): AuditedTask => ({
  ...{ id: state.id, partition: 0, acceptedSeq: 1, state, seq: 10, dueMs: 7, bytes: 1 },
})

interface Stored {
  state?: TaskState | undefined
  position?: Partial<PartitionPosition> | undefined
  isOwned?: boolean
  unreadable?: boolean
}
async function ask(question: Question, stored: Stored): Promise<string> {
  const position = { offset: 10, emitted: 10, level: true, log: undefined, ...stored.position }
  const [answer] = await checkStore(
    {
      store: {
        position: async () => ('position' in stored && !stored.position ? undefined : position),
        readTasks: async (_partition, ids, onUnreadable) => {
          if (stored.unreadable) onUnreadable?.({ id: ids[0]!, why: 'no JSON', known: {} })
          return [stored.state]
        },
      },
      isOwned: async () => stored.isOwned ?? true,
      ...{ keepFinishedMs: DAY_MS, nowMs: () => NOW, spend: () => {}, monotonicMs: () => 0 },
    },
    [question],
  )
  return answer!.verdict === 'broken' ? answer!.suspicion.rule : answer!.verdict
}

const compare: Question = { task: taskOf(ended), why: 'compare' }
const overdue: Question = { task: taskOf(open), why: 'overdue' }
const confirm: Question = {
  ...{ task: taskOf(open), why: 'confirm', suspicion: { ...SUSPECTED, task: taskOf(open) } },
}

const CASES: [string, Question, Stored, string][] = [
  ['the same', compare, { state: ended }, 'sound'],
  [
    'the same with something that only a later version has',
    compare,
    { state: { ...ended, more: 1 } as never },
    'sound',
  ],
  ['another status', compare, { state: { ...ended, status: 'failed' } }, 'store-is-the-fold'],
  ['another output', compare, { state: { ...ended, output: { a: 2 } } }, 'store-is-the-fold'],
  ['it is not there', compare, {}, 'store-is-the-fold'],
  ['it may have left to make room', compare, { position: { leftUntilMs: 5 } }, 'unknown'],
  ['it was made again from checkpoints', compare, { position: { restoredAtMs: 5 } }, 'unknown'],
  ['it is kept no longer', { ...compare, task: taskOf({ ...ended, keepFinishedMs: 1000 }) }, {}, 'unknown'],
  [
    'another task under its id',
    compare,
    { state: { ...ended, createdAtMs: 6, status: 'failed' } },
    'unknown',
  ],
  ['it can not be read', compare, { unreadable: true }, 'unknown'],
  ['it is not folded yet', compare, { position: { offset: 9 } }, 'later'],
  ['the partition is made again', compare, { position: { level: false } }, 'later'],
  ['nothing is stored of the partition', compare, { position: undefined }, 'later'],
  ['nobody has the partition', compare, { isOwned: false }, 'later'],
  ['what is due has not happened', overdue, { state: open }, 'due-happens'],
  ['it has, and was not read here yet', overdue, { state: { ...open, seq: 12 } }, 'later'],
  ['the store does not have it', overdue, {}, 'store-is-the-fold'],
  ['nobody has its partition', overdue, { state: open, isOwned: false }, 'later'],
  ['what an event broke is so', confirm, { state: open }, 'accepted-once'],
  ['also where it is kept no more', confirm, {}, 'accepted-once'],
  ['its beginning was not the one that was seen', confirm, { state: { ...open, createdAtMs: 1 } }, 'unknown'],
]
for (const [name, question, stored, verdict] of CASES)
  t.test(`${question.why}: ${name}`, async (t) => t.equal(await ask(question, stored), verdict))
