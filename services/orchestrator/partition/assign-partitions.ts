/**
 * The partitions that an instance should own: they are dealt out in turn to the live members in the order of their names,
 * so that all members come to the same result and shares differ by one at most. Pure.
 */
export function assignPartitions(
  members: readonly string[],
  instance: string,
  partitions: number,
): Set<number> {
  const at = members.indexOf(instance)
  const mine = new Set<number>()
  if (at < 0) return mine
  for (let partition = at; partition < partitions; partition += members.length) mine.add(partition)
  return mine
}
