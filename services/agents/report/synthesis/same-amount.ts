import { columnLabel } from './labels.ts'

const FORM_WORDS =
  /^(rate|ratio|share|pct|percent|percentage|index|log|ln|sq|squared|square|sqrt|raw|adj|adjusted|seasonally|smoothed|normali[sz]ed|scaled|std|standardi[sz]ed|cumulative|cum|total|per|capita|min|minimum|max|maximum|mean|avg|average|median|lowest|highest|lower|upper)$/

/**
 * Whether two columns are one amount in two forms, by their names: `wounds` and `wounds rate`, `income` and `income squared`, `rawpoll` and
 * `adjpoll`; or prices of one bar (`open`, `high`, `low`, `close`). That they go together is no finding. Pure.
 */
export function areSameAmount(columns: readonly string[]): boolean {
  if (columns.length !== 2) return false
  const [a, b] = columns.map(amountName)
  if (a !== '' && a === b) return true
  const bars = columns.map(barOf)
  return bars.every((rest) => rest !== undefined) && bars[0] === bars[1]
}

/** Prices of one bar lie between its low and its high. */
const BAR_WORD = /^(open|high|low|close|last)$/

/** What a price of a bar is called beside the word for it; undefined for any other column. */
function barOf(column: string): string | undefined {
  const words = column.toLowerCase().split(/[^\p{L}\p{N}]+/u)
  const rest = words.filter((word) => !BAR_WORD.test(word) && word !== 'adj' && word !== 'adjusted')
  return rest.length < words.length ? rest.join(' ') : undefined
}

/** A column's name without what tells only in which form it is. */
function amountName(column: string): string {
  return columnLabel(column)
    .label.toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => word.replace(/^(?:raw|adj|log)(?=\p{L}{3})|(?<=\p{L}{3})sq$/gu, ''))
    .filter((word) => word !== '' && !FORM_WORDS.test(word))
    .join(' ')
}
