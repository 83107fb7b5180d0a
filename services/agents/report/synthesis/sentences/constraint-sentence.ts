import type { Constraint } from '#schemas/analysis.ts'
import { countText, numberText } from '../number-text.ts'
import { listText } from '../wording.ts'

const MAX_ROWS = 4

/** `low ≤ high does not hold in 3 of 500 rows of prices.csv (rows 4, 17 and 90).` */
export function plainConstraint({ document, rule, checked, violations, rows }: Constraint): string {
  const shown = rows.slice(0, MAX_ROWS).map(String)
  const beyond = violations - shown.length
  const list = beyond > 0 ? [...shown, `${numberText(beyond)} more`] : shown
  const where = shown.length === 0 ? '' : ` (${violations === 1 ? 'row' : 'rows'} ${listText(list)})`
  return `${rule} does not hold in ${numberText(violations)} of ${countText(checked, 'row')} of ${document}${where}, and in all others it does.`
}
