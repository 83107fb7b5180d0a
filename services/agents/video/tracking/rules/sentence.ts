import type { ObjectClass } from '#schemas/watch-rule.ts'

const NAMES: Record<ObjectClass, string> = { person: 'Person', vehicle: 'Vehicle' }

export function entered(objectClass: ObjectClass, zone: string): string {
  return `${NAMES[objectClass]} entered ${zone}`
}

export function stays(objectClass: ObjectClass, zone: string, dwellMs: number): string {
  return `${NAMES[objectClass]} stays in ${zone} for ${duration(dwellMs)}`
}

export function crossed(objectClass: ObjectClass, line: string, direction: string): string {
  return `${NAMES[objectClass]} crossed ${line} from ${direction.replaceAll('-', ' ')}`
}

export function gathered(
  count: number,
  classes: readonly ObjectClass[],
  zone: string | undefined,
  holdMs: number,
): string {
  const what = new Set(classes).size === 1 ? `${classes[0]}s` : 'objects'
  return `${count} ${what} in ${zone ?? 'the picture'}${holdMs > 0 ? ` for ${duration(holdMs)}` : ''}`
}

/** `2 s`, `1.5 s`, `3 min`, `2 h`: in the largest unit of which it has at least two, with a digit after the point if it needs one. */
function duration(ms: number): string {
  const [size, unit] = ms >= 7_200_000 ? [3_600_000, 'h'] : ms >= 120_000 ? [60_000, 'min'] : [1000, 's']
  return `${Math.round((ms / size) * 10) / 10} ${unit}`
}
