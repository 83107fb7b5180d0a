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

const UNIT_TOKENS =
  /^(?:pct|percent|prozent|eur|usd|gbp|chf|jpy|inr|kg|mg|cm|mm|km|ml|kwh|mwh|years|yrs|days|hours|deg|degrees)$/

/** The same without a unit at the end: `price_eur`, `spo2_pct`, `age_years`. Pure. */
export function tokensWithoutUnit(name: string): string[] {
  const tokens = nameTokens(name)
  return tokens.length > 1 && UNIT_TOKENS.test(tokens.at(-1)!) ? tokens.slice(0, -1) : tokens
}
