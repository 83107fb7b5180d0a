import { numberText, thousandsNotation } from './measured-cell.ts'
import { type DecimalSign, decimalSignOf } from './number-cell.ts'

/** How the numbers among some texts are written; null when they do not tell. Pure. */
export function decimalSignOfTexts(cells: readonly string[]): DecimalSign | null {
  const texts = cells.map(numberText)
  const grouped = thousandsNotation(texts)
  if (grouped) return grouped
  let balance = 0
  for (const text of texts) {
    const sign = decimalSignOf(text)
    if (sign !== null) balance += sign === '.' ? 1 : -1
  }
  if (balance === 0) return null
  return balance > 0 ? '.' : ','
}
