/** Partitions that a member leaves to others, by its name. */
export type Refusals = ReadonlyMap<string, ReadonlySet<number>>

/**
 * The partitions that an instance should own: they are dealt out in turn to the live members in the order of their names,
 * so that all members come to the same result and shares differ by one at most. One that a member refuses goes to those
 * who don't. Pure.
 */
export function assignPartitions(
  members: readonly string[],
  instance: string,
  partitions: readonly number[],
  refusals: Refusals = new Map(),
): Set<number> {
  const mine = new Set<number>()
  for (const partition of partitions) {
    const first = members[partition % members.length]
    const isRefused = first !== undefined && refusals.get(first)?.has(partition)
    const willing = isRefused ? members.filter((member) => !refusals.get(member)?.has(partition)) : members
    if (willing[partition % willing.length] === instance) mine.add(partition)
  }
  return mine
}
