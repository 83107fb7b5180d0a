import { MurmurError } from '#platform/errors/murmur-error.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { PartitionEpoch, PartitionEpochs } from '#schemas/partition-epochs.ts'
import type { PartitionRange } from '#subjects/task-partition.ts'

/**
 * What holds, whoever dies or stands still in between:
 *
 * 1. Where a task lies follows from its id, and never changes.
 * 2. Nobody makes a task in an epoch before everybody who makes tasks, or answers whether there is one, knows of that epoch: an epoch is
 *    written `lease + SPARE_MS` before it begins, and who has not heard the record again for `lease` stops doing both.
 * 3. An epoch is taken out when nothing can be asked of it any more, and its numbers are never used again.
 */

/** Between the time when everybody knows of an epoch, or has stopped, and its begin: what is being published has to be in the log by then. */
export const SPARE_MS = 10_000
/** So long before an epoch begins it is asked for tasks: clocks that go by the broker's differ by less. Milliseconds. */
const CLOCK_DIFFERENCE_MS = 5000
/** Numbers of partitions have four digits. */
const MAX_NUMBER = 9999

/** Those of a log that no record was written for. Pure. */
export function madeWith(partitions: number): PartitionEpochs {
  return { v: 1, made: partitions, epochs: [{ first: 0, count: partitions, fromMs: 0 }], updatedAtMs: 0 }
}

/** The one that new tasks go to. Pure. */
export function currentEpoch({ epochs }: PartitionEpochs, nowMs: number): PartitionEpoch {
  return epochs.findLast(({ fromMs }) => fromMs <= nowMs) ?? epochs[0]!
}

/** One that is written and has not begun. Pure. */
export function nextEpoch({ epochs }: PartitionEpochs, nowMs: number): PartitionEpoch | undefined {
  return epochs.find(({ fromMs }) => fromMs > nowMs)
}

/** Those that may have tasks. Pure. */
export function epochsWithTasks({ epochs }: PartitionEpochs, nowMs: number): PartitionEpoch[] {
  return epochs.filter(({ fromMs }) => fromMs - CLOCK_DIFFERENCE_MS <= nowMs)
}

/** Numbers of partitions, ascending. Pure. */
export function numbersOf(epochs: readonly PartitionRange[]): number[] {
  return epochs.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i))
}

/** What ids of an epoch name; undefined: nothing, it is the first one. Pure. */
export function rangeIn({ first, count }: PartitionRange): PartitionRange | undefined {
  return first === 0 ? undefined : { first, count }
}

/**
 * The same record with more partitions, or itself where they are on their way already. Pure.
 * @param leaseMs the longest time that any orchestrator goes by what it knows
 * @throws MurmurError INVALID_REQUEST when there would be fewer; PARTITIONS_CONFLICT while another change is under way; LIMIT_EXCEEDED
 */
export function grown(
  record: PartitionEpochs,
  to: number,
  { nowMs, leaseMs }: { nowMs: number; leaseMs: number },
): PartitionEpochs {
  const last = record.epochs.at(-1)!
  if (to === last.count) return record
  if (to < last.count)
    throw new MurmurError(
      'INVALID_REQUEST',
      `there are ${last.count} partitions, and they can only become more`,
      { issues: [{ path: 'to', message: `must be above ${last.count}` }] },
    )
  if (last.fromMs > nowMs)
    throw new MurmurError('PARTITIONS_CONFLICT', `${last.count} partitions are about to be used`, {
      retryAfterMs: Math.ceil(last.fromMs - nowMs),
    })
  if (record.epochs.length >= LIMITS.partitionEpochs)
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `partitions of ${record.epochs.length} times are in use, at most ${LIMITS.partitionEpochs} may be: the oldest go by themselves when nothing is left of their tasks`,
    )
  const first = last.first + last.count
  if (first + to - 1 > MAX_NUMBER)
    throw new MurmurError('LIMIT_EXCEEDED', `partitions have numbers up to ${MAX_NUMBER}, ${first} are used`)
  const fromMs = Math.ceil(nowMs + leaseMs + SPARE_MS)
  return { ...record, epochs: [...record.epochs, { first, count: to, fromMs }], updatedAtMs: nowMs }
}

/** The same record without an epoch that nothing is left of. The current one and what comes after it stay. Pure. */
export function without(record: PartitionEpochs, gone: PartitionRange, nowMs: number): PartitionEpochs {
  const current = currentEpoch(record, nowMs)
  const epochs = record.epochs.filter(({ first }) => first !== gone.first || first >= current.first)
  return epochs.length === record.epochs.length ? record : { ...record, epochs, updatedAtMs: nowMs }
}

/** Which of two records is the later one: numbers only grow, and what is taken out stays out. Pure. */
export function isLater(one: PartitionEpochs, other: PartitionEpochs): boolean {
  const end = ({ epochs }: PartitionEpochs) => epochs.at(-1)!.first
  if (end(one) !== end(other)) return end(one) > end(other)
  return one.epochs[0]!.first > other.epochs[0]!.first
}
