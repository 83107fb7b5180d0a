/** Partitions next to each other: those that tasks of one epoch go to. */
export interface PartitionRange {
  readonly first: number
  readonly count: number
}

/**
 * An id with the range of its epoch: `t`, 22 characters of a hash, `-<first>x<count>`. Ids of the first epoch are without, and end
 * before that: no hash is taken for a range.
 */
const RANGED = /^(t[A-Za-z0-9_-]{22})-(\d{1,4})x([1-9]\d{0,3})$/
/** `t` and 22 characters. */
const PLAIN_LENGTH = 23

/**
 * The partition that a task's events go to. It follows from the id alone, for ever and for everybody: an id of a later epoch names the
 * range that it was given, and lies there by the hash of the rest; any other lies by its hash among the partitions that the log was
 * made with.
 * @param partitions those that the log was made with
 */
export function partitionOf(taskId: string, partitions: number): number {
  const range = rangeOf(taskId)
  return range ? range.first + bucketOf(withoutRange(taskId), range.count) : bucketOf(taskId, partitions)
}

/** One of so many buckets, by a name: FNV-1a (32 bit), modulo their number. */
export function bucketOf(name: string, buckets: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  }
  return (hash >>> 0) % buckets
}

/** The range that an id names; undefined: it is one of the first epoch. */
export function rangeOf(taskId: string): PartitionRange | undefined {
  const match = taskId.length > PLAIN_LENGTH ? RANGED.exec(taskId) : null
  return match ? { first: Number(match[2]), count: Number(match[3]) } : undefined
}

/** The same in every epoch: what names the submission. */
export function withoutRange(taskId: string): string {
  return rangeOf(taskId) ? taskId.slice(0, PLAIN_LENGTH) : taskId
}

/** The id of the same submission in another epoch. @param range undefined: the first one */
export function inRange(taskId: string, range: PartitionRange | undefined): string {
  const plain = withoutRange(taskId)
  return range ? `${plain}-${range.first}x${range.count}` : plain
}
