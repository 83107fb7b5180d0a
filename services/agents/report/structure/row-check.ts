/** How a rule fares in the rows of a table. */
export interface RowCheck {
  /** Rows that have all values the rule speaks of. */
  checked: number
  violations: number
  /** 0-based rows that break it, the first 20. */
  rows: number[]
}

/** Share of the rows that must keep a rule for it to be one: the others then break it. */
export const MIN_KEPT_SHARE = 0.9
/** Fewer rows show no rule. */
export const MIN_CHECKED = 8
const MAX_ROWS = 20

/**
 * Applies a rule to rows. Pure.
 *
 * @param holds whether the rule holds in a row, undefined where it cannot be asked
 */
export function checkRows(rows: number, holds: (row: number) => boolean | undefined): RowCheck {
  const result: RowCheck = { checked: 0, violations: 0, rows: [] }
  for (let row = 0; row < rows; row++) {
    const kept = holds(row)
    if (kept === undefined) continue
    result.checked++
    if (kept) continue
    if (result.violations++ < MAX_ROWS) result.rows.push(row)
  }
  return result
}

/** Whether nearly all rows keep the rule: at least nine tenths of at least eight. Pure. */
export function isRule({ checked, violations }: RowCheck): boolean {
  return checked >= MIN_CHECKED && violations <= (1 - MIN_KEPT_SHARE) * checked
}

/** Whether a check of these rows would be a rule: stops as soon as too many break it, as most of what is sought does. Pure. */
export function keepsRule(rows: number, holds: (row: number) => boolean | undefined): boolean {
  const most = (1 - MIN_KEPT_SHARE) * rows
  let [checked, violations] = [0, 0]
  for (let row = 0; row < rows; row++) {
    const kept = holds(row)
    if (kept === undefined) continue
    checked++
    if (!kept && ++violations > most) return false
  }
  return isRule({ checked, violations, rows: [] })
}
