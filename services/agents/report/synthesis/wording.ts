import type { ColumnFinding } from '#schemas/analysis.ts'
import type { Confidence } from '#schemas/report.ts'
import { type ColumnLabel, columnLabel } from './labels.ts'

/** How firmly a finding of this strength may be worded. */
export function confidenceOf(strength: number): Confidence {
  if (strength >= 0.8) return 'strong'
  return strength >= 0.5 ? 'moderate' : 'weak'
}

/** Picks the wording that the confidence allows. */
export function worded(confidence: Confidence, wordings: Readonly<Record<Confidence, string>>): string {
  return wordings[confidence]
}

/** The name of a column for people, and its unit: the one that reading found, else the one that the name states. */
export function labelOf(name: string, column: Pick<ColumnFinding, 'unit'> | undefined): ColumnLabel {
  const { label, unit: stated } = columnLabel(name)
  const unit = column?.unit ?? stated
  // `tenure_months` in months is the tenure.
  const bare =
    unit && label.toLowerCase().endsWith(` ${unit.toLowerCase()}`) ? label.slice(0, -unit.length - 1) : label
  return { label: bare, unit }
}

/** The range of a column's values, for rounding. */
export function rangeOf(column: Pick<ColumnFinding, 'numeric'>): number | undefined {
  return column.numeric && column.numeric.max - column.numeric.min
}

/** The first letter large where the name begins with an ordinary word: `pH`, `iOS` and `co2` stay as they are. */
export function capital(text: string): string {
  return /^\p{Ll}{2,}(?:\s|$)/u.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text
}

/** `a`, `a and b`, `a, b and c`. */
export function listText(parts: readonly string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(parts)
}
