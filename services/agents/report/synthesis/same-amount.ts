import { columnLabel } from './labels.ts'

const FORM_WORDS =
  /^(rate|ratio|share|pct|percent|percentage|index|log|ln|sq|squared|square|sqrt|raw|adj|adjusted|seasonally|smoothed|normali[sz]ed|scaled|std|standardi[sz]ed|cumulative|cum|total|per|capita)$/

/**
 * Whether two columns are one amount in two forms, by their names: `wounds` and `wounds rate`, `income` and `income squared`, `rawpoll` and
 * `adjpoll`; or prices of one bar (`open`, `high`, `low`, `close`). That they go together is no finding. Pure.
 */
export function areSameAmount(columns: readonly string[]): boolean {
  if (columns.length !== 2) return false
  const [a, b] = columns.map(amountName)
  if (a !== '' && a === b) return true
  const bars = columns.map((column) => withoutWord(column, BAR_WORD))
  if (bars[0] !== undefined && bars[0] === bars[1]) return true
  return [columns, columns.toReversed()].some(([middle, end]) => {
    const rest = withoutWord(middle!, MIDDLE_WORD)
    return rest !== undefined && rest !== '' && rest === withoutWord(end!, EXTREME_WORD)
  })
}

/** Prices of one bar lie between its low and its high. */
const BAR_WORD = /^(open|high|low|close|last)$/

/** A mean is made of what its extremes are of; the lowest and the highest of a day are two things. */
const MIDDLE_WORD = /^(mean|avg|average|median)$/
const EXTREME_WORD = /^(min|minimum|lowest|max|maximum|highest)$/

/** A column's name without such a word; undefined where it has none. */
function withoutWord(column: string, word: RegExp): string | undefined {
  const words = column.toLowerCase().split(/[^\p{L}\p{N}]+/u)
  const rest = words.filter((each) => !word.test(each) && each !== 'adj' && each !== 'adjusted')
  return words.some((each) => word.test(each)) ? rest.join(' ') : undefined
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
