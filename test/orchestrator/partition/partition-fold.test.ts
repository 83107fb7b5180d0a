import t from 'tap'
import type { LogKind } from '#schemas/log-event.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type { RawEvent } from '../../../services/orchestrator/partition/decode-event.ts'
import { PartitionFold, PositionLost } from '../../../services/orchestrator/partition/partition-fold.ts'
import {
  type Commit,
  CommitRefused,
  commitId,
} from '../../../services/orchestrator/partition/partition-store.ts'
import { encodeResultBatch } from '../../../services/platform/json/result-batch.ts'
import { MemoryPartitionStore } from '../../support/memory-partition-store.ts'
import { quietObserver } from '../../support/owner-fixture.ts'
import { acceptedTask } from '../../support/random-plan.ts'

const T0 = 1_790_000_000_000
const about = { v: 1, taskId: 'task-1', stepId: 'a', attempt: 1, instance: 'i' }
const plan = {
  steps: [{ id: 'a', agent: 'x', queueTimeoutMs: 1000, timeoutMs: 60_000, retry: { maxAttempts: 3 } }],
}
const error = { code: 'STEP_FAILED', message: 'again' }
const EVENTS = [
  raw(1, 'accepted', acceptedTask({ plan })),
  // Its time in the queue, which a timer is stored for, is over: the next time is that of its run.
  raw(2, 'started', { ...about, bornAtMs: T0, alone: false }),
  // Due between the two.
  raw(3, 'result', {
    ...{ ...about, startedAtMs: T0, finishedAtMs: T0 },
    outcome: { kind: 'retry', error, afterMs: 10_000 },
  }),
]

function raw(seq: number, kind: LogKind, body: object): RawEvent {
  const subject = kind === 'result' ? SUBJECTS.result(0, 'x') : SUBJECTS.log(0, kind)
  return { subject, data: Buffer.from(JSON.stringify(body)), seq, storedAtMs: T0 + seq }
}

async function claimedBy(claim: string, store: MemoryPartitionStore, offset = 0): Promise<PartitionFold> {
  const start = {
    ...{ claim, offset, level: true, levelAt: 0, stream: 's', storedAtMs: 0 },
    brokerNowMs: () => T0,
  }
  const none = { writes: [], depth: new Map<string, number>(), tenants: new Map<string, number>() }
  const log = { stream: 's', storedAtMs: 0 }
  const expectedOffset = (await store.position(0))?.offset
  const claiming: Commit = {
    id: commitId(claim, 0),
    expectedOffset,
    offset,
    emitted: 0,
    level: true,
    log,
    ...none,
  }
  t.ok(await store.commit(0, claiming))
  return new PartitionFold(
    {
      ...{ partition: 0, bus: {} as never, store, observer: quietObserver },
      clock: { monotonicMs: () => 0 } as never,
      options: { keepFinishedMs: 60_000, cachedTasks: 100 },
      signal: new AbortController().signal,
      retryUntilAnswered: (call) => call(),
    },
    start,
  )
}

/**
 * One owner has stored two events one by one, so the timer that is stored is the early one, which it relies on. The store loses
 * everything; another owner folds both at once and stores the late one. Then the first goes on, at the same offset.
 */
async function staleCommit(
  store: MemoryPartitionStore,
): Promise<{ error: unknown; timerMs: number | undefined }> {
  const stale = await claimedBy('stale', store)
  await stale.take([EVENTS[0]!], 0)
  await stale.take([EVENTS[1]!], 0)
  store.flush()
  const other = await claimedBy('other', store)
  await other.take(EVENTS.slice(0, 2), 0)
  const error = await stale.take([EVENTS[2]!], 0).catch((error: unknown) => error)
  const timerMs = await store.nextTimerMs(0)
  if (error instanceof PositionLost) await other.take([EVENTS[2]!], 0)
  return { error, timerMs: timerMs && (await store.nextTimerMs(0)) }
}

t.test('a stale owner can not go on in a world that another has made again', async (t) => {
  const { error, timerMs } = await staleCommit(new MemoryPartitionStore())
  t.ok(error instanceof PositionLost)
  t.ok(timerMs! <= T0 + 3 + 10_000, 'the next attempt begins in time')
})

t.test('the check of the offset alone lets it through, and a timer is lost', async (t) => {
  class OffsetOnly extends MemoryPartitionStore {
    override commit(partition: number, commit: Commit): Promise<boolean> {
      return super.commit(partition, { ...commit, id: `${commit.id}.0` })
    }
  }
  const { error, timerMs } = await staleCommit(new OffsetOnly())
  t.notOk(error instanceof PositionLost)
  t.ok(timerMs! > T0 + 60_000, 'nothing goes off before the time of a run that is over')
})

const TASKS = ['t0', 't1', 't2', 'bad', 't4', 't5']
const PARENT = { taskId: 'parent', stepId: 'child', attempt: 1, depth: 1 }
const ACCEPTED = TASKS.map((taskId, i) =>
  raw(i + 1, 'accepted', acceptedTask({ taskId, plan, v: 2, parent: PARENT })),
)
const BATCH = {
  ...raw(TASKS.length + 1, 'result', {}),
  data: Buffer.from(
    encodeResultBatch(
      TASKS.map((taskId) =>
        JSON.stringify({
          ...{ ...about, taskId, startedAtMs: T0, finishedAtMs: T0 },
          outcome: { kind: 'done', output: taskId },
        }),
      ),
    ),
  ),
}

/** Refuses what one task has become, and does not say whose it is. */
class Picky extends MemoryPartitionStore {
  commits = 0
  override async commit(partition: number, commit: Commit): Promise<boolean> {
    this.commits++
    const isBad = commit.writes.some(({ state }) => state.id === 'bad' && state.steps.a?.output !== undefined)
    if (isBad) throw new CommitRefused('ERR something of Redis')
    return super.commit(partition, commit)
  }
}
const endsOf = async (store: MemoryPartitionStore) =>
  (await store.readTasks(0, TASKS)).map((state) => state?.error?.code ?? state?.status)
const reportsOf = (parts: Awaited<ReturnType<PartitionFold['take']>>) =>
  parts.flatMap(({ fold }) =>
    fold.work.flatMap(({ state, commands }) =>
      commands.some(({ kind }) => kind === 'ReportToParent') ? [state.id] : [],
    ),
  )

t.test('one result of a batch that can not be stored is found within its message', async (t) => {
  const store = new Picky()
  const fold = await claimedBy('owner', store)
  await fold.take(ACCEPTED, 0)
  store.commits = 0
  const parts = await fold.take([BATCH], 0)
  t.strictSame(
    await endsOf(store),
    TASKS.map((id) => (id === 'bad' ? 'TASK_QUARANTINED' : 'completed')),
  )
  t.ok(store.commits < 10, `${store.commits} commits`)
  t.strictSame(reportsOf(parts), TASKS, 'what follows is done for each, once')
  const offsets = parts.map(({ offset }) => offset)
  t.strictSame(
    [...new Set(offsets)],
    [ACCEPTED.length, BATCH.seq],
    'the offset moves on by the whole message',
  )
  t.equal(offsets.at(-1), BATCH.seq)
  t.strictSame(await store.depth(0), new Map())
})

t.test('an owner that dies within a batch: the next one makes of it what it would have been', async (t) => {
  for (let dies = 1; dies <= 8; dies++) {
    class Dying extends Picky {
      left = Number.POSITIVE_INFINITY
      override async commit(partition: number, commit: Commit): Promise<boolean> {
        if (this.left === 0) throw new Error('nobody is there')
        const isDone = await super.commit(partition, commit)
        this.left--
        return isDone
      }
    }
    const store = new Dying()
    const fold = await claimedBy('owner', store)
    await fold.take(ACCEPTED, 0)
    store.left = dies
    // What it had to send is lost with it.
    const isDead = await fold.take([BATCH], 0).then(
      () => false,
      () => true,
    )
    store.left = Number.POSITIVE_INFINITY
    const { offset } = (await store.position(0))!
    if (!isDead) {
      t.equal(offset, BATCH.seq)
      t.ok(dies > 2, 'it died between commits of one message before')
      return
    }
    t.equal(offset, ACCEPTED.length, 'the message is not read yet')
    const other = await claimedBy('other', store, offset)
    const reports = reportsOf(await other.take([BATCH], 0))
    t.strictSame(reports.toSorted(), TASKS.toSorted(), `dead after ${dies}: parents hear of all ends`)
    t.strictSame(
      await endsOf(store),
      TASKS.map((id) => (id === 'bad' ? 'TASK_QUARANTINED' : 'completed')),
    )
    t.strictSame(await store.depth(0), new Map(), 'and each is counted once')
  }
  t.fail('it never came through')
})
