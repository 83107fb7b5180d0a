import { SEVERITIES, type Severity } from '#schemas/watch-rule.ts'
import type { Paint } from '../output/paint.ts'

const STYLES: Readonly<Record<Severity, keyof Paint>> = {
  critical: 'red',
  high: 'yellow',
  medium: 'cyan',
  low: 'dim',
}
const LONGEST = Math.max(...SEVERITIES.map((severity) => severity.length))

/** How a severity is painted. */
export function severityStyle(severity: Severity): keyof Paint {
  return STYLES[severity]
}

/** ` CRITICAL `, as wide as the longest. */
export function severityChip(severity: Severity, paint: Paint): string {
  const text = ` ${severity.toUpperCase().padEnd(LONGEST)} `
  return paint[STYLES[severity]](paint.inverse(text))
}

/** `1 critical  2 low`; `none`. */
export function severityCounts(counts: Readonly<Record<Severity, number>>, paint: Paint): string {
  const some = SEVERITIES.filter((severity) => counts[severity] > 0)
  if (some.length === 0) return paint.dim('none')
  return some.map((severity) => paint[STYLES[severity]](`${counts[severity]} ${severity}`)).join('  ')
}
