import { randomBytes } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { STREAMS } from '#subjects/streams.ts'
import { type FoldStart, PositionLost } from './partition-fold.ts'
import type { PartitionObserver, RebuildReason } from './partition-observer.ts'
import {
  commitId,
  type PartitionPosition,
  type PartitionStore,
  PositionUnreadable,
} from './partition-store.ts'

export interface OpenDeps {
  partition: number
  bus: Bus
  store: PartitionStore
  observer: PartitionObserver
  clock: Clock
}

export interface OpenedPartition extends FoldStart {
  emitted: number
  /** It is built anew because the log is another one, since this moment by the broker's clock. Unix milliseconds. */
  resetAtMs?: number
}

/**
 * Where the fold of a partition goes on. The stored offset is only worth something in the log that it was written for: when
 * another one is there, or this one does not reach so far any more, everything is built anew from what there is. A partition
 * that has no position gets one, an empty one too: without it nobody could say that a task does not exist. Whoever opens it claims it: what
 * an owner before would commit is refused from here on.
 * @throws PositionLost when somebody else is at it; Error when NATS or the store does not answer
 */
export async function openPartition(deps: OpenDeps, forced?: RebuildReason): Promise<OpenedPartition> {
  const { partition, bus, store, clock } = deps
  const facts = await bus.streams.facts(STREAMS.log.name)
  const askedAtMs = clock.monotonicMs()
  const levelAt = await bus.streams.lastLogSeq(STREAMS.log.name, partition)
  const aheadMs = (facts.nowMs ?? clock.nowMs()) - askedAtMs
  const stream = facts.created
  // 48 bits, and both offset and number would have to be the same, too.
  const claim = randomBytes(6).toString('base64url')
  const about = { claim, levelAt, stream, brokerNowMs: () => clock.monotonicMs() + aheadMs }
  const fresh = { ...about, offset: 0, emitted: 0, storedAtMs: 0, level: false }

  const found = await positionOf(deps)
  if (found === undefined && !forced) {
    await writePosition(deps, undefined, { ...fresh, level: levelAt === 0 })
    if (levelAt > 0) deps.observer.onRebuild(partition, 'nothing-stored')
    return { ...fresh, level: levelAt === 0 }
  }
  const reason = forced ?? (found === 'unreadable' ? 'unreadable-store' : await breakOf(deps, found!, facts))
  if (reason) {
    deps.observer.onRebuild(partition, reason)
    const expected = typeof found === 'object' ? found.offset : 'any'
    if (!(await store.reset(partition, expected, { stream, storedAtMs: 0 })))
      throw new PositionLost('a reset was refused')
    await writePosition(deps, 0, fresh)
    return { ...fresh, resetAtMs: Math.round(about.brokerNowMs()) }
  }
  const { offset, emitted, level, log } = found as PartitionPosition
  if (log) {
    const opened = { ...about, offset, emitted, level, storedAtMs: log.storedAtMs }
    await writePosition(deps, offset, opened)
    return opened
  }
  // Written by an earlier version: it is taken to belong to the log that is there.
  const message = offset === 0 ? undefined : await bus.streams.nextMessage(STREAMS.log.name, '>', offset)
  const storedAtMs = message?.seq === offset ? message.storedAtMs : 0
  const adopted = { ...about, offset, emitted, level, storedAtMs }
  await writePosition(deps, offset, adopted)
  return adopted
}

async function positionOf({
  store,
  partition,
}: OpenDeps): Promise<PartitionPosition | 'unreadable' | undefined> {
  try {
    return await store.position(partition)
  } catch (error) {
    if (error instanceof PositionUnreadable) return 'unreadable'
    throw error
  }
}

async function breakOf(
  { bus }: OpenDeps,
  { offset, log }: PartitionPosition,
  { lastSeq }: { lastSeq: number },
): Promise<RebuildReason | undefined> {
  if (log) return bus.streams.findBreak(STREAMS.log.name, { ...log, seq: offset })
  return lastSeq < offset ? 'log-behind' : undefined
}

/** Claims the partition where it is. */
async function writePosition(
  { store, partition }: OpenDeps,
  expectedOffset: number | undefined,
  { claim, offset, emitted, level, stream, storedAtMs }: OpenedPartition,
): Promise<void> {
  const done = await store.commit(partition, {
    id: commitId(claim, 0),
    expectedOffset,
    offset,
    emitted,
    level,
    log: { stream, storedAtMs },
    writes: [],
    depth: new Map(),
    tenants: new Map(),
  })
  if (!done) throw new PositionLost('the claim was refused')
}
