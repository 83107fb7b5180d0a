import type { EvaluationBudget } from './evaluation-budget.ts'

/** Shorter needles are found by the built-in search, which is quadratic at worst: so many times the length of the text. */
const SHORT_NEEDLE = 8

/** Whether a text contains another, in time that grows with the sum of both lengths and never with their product. */
export function containsText(text: string, needle: string, budget: EvaluationBudget): boolean {
  budget.spendSearch(text.length + needle.length)
  if (needle.length > text.length) return false
  if (needle.length <= SHORT_NEEDLE) return text.includes(needle)
  // Knuth, Morris and Pratt: borders[i] is the length of the longest proper prefix of the needle that ends at i.
  const borders = new Int32Array(needle.length)
  for (let i = 1, matched = 0; i < needle.length; i++) {
    while (matched > 0 && needle.charCodeAt(i) !== needle.charCodeAt(matched)) matched = borders[matched - 1]!
    if (needle.charCodeAt(i) === needle.charCodeAt(matched)) matched++
    borders[i] = matched
  }
  for (let i = 0, matched = 0; i < text.length; i++) {
    while (matched > 0 && text.charCodeAt(i) !== needle.charCodeAt(matched)) matched = borders[matched - 1]!
    if (text.charCodeAt(i) === needle.charCodeAt(matched)) matched++
    if (matched === needle.length) return true
  }
  return false
}

/** Characters as CEL counts them: code points, half a surrogate pair being one. */
export function countCodePoints(text: string, budget: EvaluationBudget): number {
  budget.spendSearch(text.length)
  let count = text.length
  for (let i = 0; i + 1 < text.length; i++)
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      count--
      i++
    }
  return count
}

/** White space that `trim` takes off. A list of our own: what Unicode calls white space has changed between versions. */
const SPACES = new Set(
  '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
)

/** A text without white space at its start and end. */
export function trimText(text: string, budget: EvaluationBudget): string {
  budget.spendChars(text.length)
  let start = 0
  let end = text.length
  while (start < end && SPACES.has(text[start]!)) start++
  while (end > start && SPACES.has(text[end - 1]!)) end--
  return text.slice(start, end)
}
