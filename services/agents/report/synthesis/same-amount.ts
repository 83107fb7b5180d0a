import { columnLabel } from './labels.ts'

const FORM_WORDS =
  /^(rate|ratio|share|pct|percent|percentage|index|log|ln|sq|squared|square|sqrt|raw|adj|adjusted|seasonally|smoothed|normali[sz]ed|scaled|std|standardi[sz]ed|cumulative|cum|total|per|capita)$/

/**
 * Whether two columns are one amount in two forms, by their names: `wounds` and `wounds rate`, `income` and `income squared`, `rawpoll` and
 * `adjpoll`. That they go together is no finding. Pure.
 */
export function areSameAmount(columns: readonly string[]): boolean {
  const [a, b] = columns.map(amountName)
  return columns.length === 2 && a !== '' && a === b
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
