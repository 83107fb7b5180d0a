/** `plan basic`, `pclass 1`; a name that speaks for itself stays alone: `North`. */
export function groupText(factor: string, group: string): string {
  const speaks = /\p{L}{3,}/u.test(group) && !/^(true|false|yes|no|none|other|unknown)$/i.test(group)
  return speaks ? group : `${factor} ${group}`
}

/** `plan basic`: for the first mention of a group, where the factor isn't named otherwise. */
export function namedGroupText(factor: string, group: string): string {
  return `${factor} ${group}`
}

/** Groups below this share of the rows don't stand for their factor. */
const MIN_GROUP_SHARE = 0.03

/** The first and the last of groups in order; small ones only where there are no two large ones. */
export function extremeGroups<Group extends { count: number }>(
  groups: readonly Group[],
): readonly [Group, Group] {
  const all = groups.reduce((sum, { count }) => sum + count, 0)
  const large = groups.filter(({ count }) => count >= MIN_GROUP_SHARE * all)
  const shown = large.length >= 2 ? large : groups
  return [shown[0]!, shown[shown.length - 1]!]
}
