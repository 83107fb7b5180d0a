import t from 'tap'
import type { LogKind } from '#schemas/log-event.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type { RawEvent } from '../../../services/orchestrator/partition/decode-event.ts'
import { PartitionFold, PositionLost } from '../../../services/orchestrator/partition/partition-fold.ts'
import { type Commit, commitId } from '../../../services/orchestrator/partition/partition-store.ts'
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

async function claimedBy(claim: string, store: MemoryPartitionStore): Promise<PartitionFold> {
  const start = {
    ...{ claim, offset: 0, level: true, levelAt: 0, stream: 's', storedAtMs: 0 },
    brokerNowMs: () => T0,
  }
  const none = { writes: [], depth: new Map<string, number>(), tenants: new Map<string, number>() }
  const log = { stream: 's', storedAtMs: 0 }
  const expectedOffset = (await store.position(0))?.offset
  const claiming: Commit = {
    id: commitId(claim, 0),
    expectedOffset,
    offset: 0,
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
