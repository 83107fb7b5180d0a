import type { KeptGroups } from './kept-groups.ts'

/** Fewer zeros in a group may be a result. */
const MIN_ZEROS = 30

/**
 * Whether a group has only zeros and all others have none: wages by whether somebody works. There is no amount without the thing, and
 * that is no finding. Pure.
 *
 * @param values by unit
 * @param taking units that take part
 */
export function isNoneWithout(
  values: Float64Array,
  taking: Uint32Array,
  { groups, sizes }: Pick<KeptGroups, 'groups' | 'sizes'>,
): boolean {
  const zeros = new Uint32Array(sizes.length)
  const members = new Uint32Array(sizes.length)
  for (const unit of taking) {
    const group = groups[unit]!
    members[group]!++
    if (values[unit] === 0) zeros[group]!++
  }
  const isAll = zeros.map((count, group) => Number(count === members[group]))
  return (
    isAll.some((all, group) => all === 1 && zeros[group]! >= MIN_ZEROS) &&
    zeros.every((count, group) => count === 0 || isAll[group] === 1)
  )
}
