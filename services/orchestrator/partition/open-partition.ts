import type { Clock } from '#platform/clock/clock.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { StreamFacts } from '#platform/nats/log-place.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { STREAMS } from '#subjects/streams.ts'
import type { CheckpointLog, StoredHorizon } from '../checkpoints/checkpoint-log.ts'
import { isBehind } from '../checkpoints/checkpoint-rules.ts'
import { claimCheckpoints, horizonIn, type LogNow } from '../checkpoints/claim-checkpoints.ts'
import { RestoreRefused, restorePartition } from '../checkpoints/restore-partition.ts'
import type { FoldOptions } from './fold-batch.ts'
import { type FoldStart, PositionLost } from './partition-fold.ts'
import type { PartitionObserver, RebuildReason } from './partition-observer.ts'
import {
  commitId,
  newClaim,
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
  /** Where checkpoints are; undefined: everything comes from the log. */
  checkpoints?: CheckpointLog | undefined
  options: FoldOptions
  log: Log
  /** Cuts a restore short. */
  signal: AbortSignal
}

export interface OpenedPartition extends FoldStart {
  emitted: number
  /** It is built anew because the log is another one, since this moment by the broker's clock. Unix milliseconds. */
  resetAtMs?: number
  /** It is built anew, since this moment by the monotonic clock. Milliseconds. */
  rebuildSinceMs?: number
  /** What was claimed of its checkpoints, when it was restored from them. */
  horizon?: StoredHorizon
}

/**
 * Where the fold of a partition goes on. The stored offset is only worth something in the log that it was written for: when
 * another one is there, or this one does not reach so far any more, everything is built anew from what there is: from checkpoints, and the
 * log behind their horizon; without them from all of the log. A partition
 * that has no position gets one, an empty one too: without it nobody could say that a task does not exist. Whoever opens it claims it: what
 * an owner before would commit is refused from here on.
 * @throws PositionLost when somebody else is at it; LaterState when a key for checkpoints is missing; Error when NATS or the store does not answer
 */
export async function openPartition(deps: OpenDeps, forced?: RebuildReason): Promise<OpenedPartition> {
  const { partition, bus, store, clock } = deps
  const facts = await bus.streams.facts(STREAMS.log.name)
  const askedAtMs = clock.monotonicMs()
  const levelAt = await bus.streams.lastLogSeq(STREAMS.log.name, partition)
  const aheadMs = (facts.nowMs ?? clock.nowMs()) - askedAtMs
  const stream = facts.created
  const claim = newClaim()
  const about = { claim, levelAt, stream, brokerNowMs: () => clock.monotonicMs() + aheadMs }
  const fresh = { ...about, offset: 0, emitted: 0, storedAtMs: 0, level: false }

  const [found, horizon] = await Promise.all([positionOf(deps), horizonOf(deps, facts)])
  if (found === undefined && !forced && !horizon) {
    await writePosition(deps, undefined, { ...fresh, level: levelAt === 0 })
    if (levelAt === 0) return { ...fresh, level: true }
    deps.observer.onRebuild(partition, 'nothing-stored')
    return { ...fresh, rebuildSinceMs: askedAtMs }
  }
  const reason = forced ?? (await reasonOf(deps, found, { facts, horizon }))
  if (reason) {
    deps.observer.onRebuild(partition, reason)
    const expected = typeof found === 'object' ? found.offset : 'any'
    if (!(await store.reset(partition, expected, { stream, storedAtMs: 0 })))
      throw new PositionLost('a reset was refused')
    await writePosition(deps, 0, fresh)
    const restored = horizon ? await restore(deps, fresh, facts) : fresh
    const rebuilt = { ...restored, rebuildSinceMs: askedAtMs }
    // The log is the one that there was: what other streams know of message ids still counts.
    const isSameLog = reason === 'nothing-stored' || reason === 'log-purged'
    return isSameLog ? rebuilt : { ...rebuilt, resetAtMs: Math.round(about.brokerNowMs()) }
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

/** Where the log of a partition may have been purged up to; undefined: all of it is needed. */
async function horizonOf(
  { checkpoints, partition, bus }: OpenDeps,
  facts: StreamFacts,
): Promise<StoredHorizon | undefined> {
  const stored = (await checkpoints?.horizons(partition))?.stored
  const found = await horizonIn(logNow(bus, facts), stored)
  return found?.record.horizon === 0 ? undefined : found
}

function logNow({ streams }: Pick<Bus, 'streams'>, facts: StreamFacts): LogNow {
  return { ...facts, storedAt: (seq) => streams.storedAt(STREAMS.log.name, seq) }
}

async function reasonOf(
  deps: OpenDeps,
  found: PartitionPosition | 'unreadable' | undefined,
  { facts, horizon }: { facts: StreamFacts; horizon: StoredHorizon | undefined },
): Promise<RebuildReason | undefined> {
  if (found === undefined) return 'nothing-stored'
  if (found === 'unreadable') return 'unreadable-store'
  const broken = await breakOf(deps, found, facts)
  return broken ?? (isBehind(found, horizon?.record, facts) ? 'log-purged' : undefined)
}

/** All tasks of the checkpoints into the store, and where the log goes on from there. */
async function restore(deps: OpenDeps, fresh: OpenedPartition, facts: StreamFacts): Promise<OpenedPartition> {
  const { partition, bus, store, clock, options, signal, observer, log: logger } = deps
  const { claim, brokerNowMs } = fresh
  const checkpoints = deps.checkpoints!
  const { record, seq } = await claimCheckpoints(checkpoints, partition, claim, logNow(bus, facts))
  const horizon = { record, seq }
  if (facts.firstSeq - 1 > record.horizon)
    logger.error(
      { partition, horizon: record.horizon, firstSeq: facts.firstSeq },
      'the log has no more what came right behind the horizon: what happened to tasks in between is not known',
    )
  try {
    const { offset, storedAtMs, commits, tasks } = await restorePartition(
      {
        ...{ partition, store, checkpoints, streams: bus.streams, clock, logger, options, signal },
        onUnreadable: (taskId, why) => observer.onUnreadable(taskId, why, false),
      },
      { claim, horizon, log: facts, brokerNowMs },
    )
    logger.info({ partition, tasks, horizon: offset }, 'a partition was restored from checkpoints')
    return { ...fresh, offset, storedAtMs, commits, horizon }
  } catch (error) {
    throw error instanceof RestoreRefused ? new PositionLost(error.message) : error
  }
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
