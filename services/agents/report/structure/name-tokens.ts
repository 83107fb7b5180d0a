/**
 * The words of a column's name, in lower case: `unitPrice`, `unit_price` and `Unit Price (USD)` are `unit`, `price`. What stands in
 * brackets is left out. Pure.
 */
export function nameTokens(name: string): string[] {
  return name
    .replace(/[([{][^)\]}]*[)\]}]/g, ' ')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((token) => token !== '')
}

/** Whether one of the names holds all words of the other: `churn` and `churn_label`. Pure. */
export function namesShareStem(a: string, b: string): boolean {
  const [left, right] = [nameTokens(a), nameTokens(b)]
  if (left.length === 0 || right.length === 0) return false
  const [short, long] = left.length <= right.length ? [left, right] : [right, left]
  return short.every((token) => long.includes(token))
}
