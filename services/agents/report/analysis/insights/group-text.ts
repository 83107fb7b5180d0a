/** `plan basic`, `pclass 1`; a name that speaks for itself stays alone: `North`. */
export function groupText(factor: string, group: string): string {
  const speaks = /\p{L}{3,}/u.test(group) && !/^(true|false|yes|no|none|other|unknown)$/i.test(group)
  return speaks ? group : `${factor} ${group}`
}

/** `plan basic`: for the first mention of a group, where the factor isn't named otherwise. */
export function namedGroupText(factor: string, group: string): string {
  return `${factor} ${group}`
}
