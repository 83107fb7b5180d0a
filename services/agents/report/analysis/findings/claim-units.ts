/** Spellings of the same unit, all in lower case. */
const SPELLINGS: readonly (readonly string[])[] = [
  ['eur', '€', 'euro', 'euros'],
  ['usd', '$', 'dollar', 'dollars'],
  ['gbp', '£', 'pound', 'pounds'],
  ['jpy', '¥', 'yen'],
  ['%', 'percent', 'per cent', 'pct'],
  ['°c', 'c', 'celsius', 'degc', 'deg c'],
  ['°f', 'f', 'fahrenheit', 'degf'],
  ['kg', 'kilogram', 'kilograms', 'kilo', 'kilos'],
  ['g', 'gram', 'grams'],
  ['t', 'ton', 'tons', 'tonne', 'tonnes'],
  ['m', 'metre', 'metres', 'meter', 'meters'],
  ['km', 'kilometre', 'kilometres', 'kilometer', 'kilometers'],
  ['mm', 'millimetre', 'millimetres', 'millimeter', 'millimeters'],
  ['s', 'sec', 'second', 'seconds'],
  ['min', 'minute', 'minutes'],
  ['h', 'hour', 'hours'],
  ['d', 'day', 'days'],
  ['l', 'litre', 'litres', 'liter', 'liters'],
]
const CANONICAL = new Map(
  SPELLINGS.flatMap((group) => group.map((spelling) => [spelling, group[0]!] as const)),
)
const MAGNITUDES: Readonly<Record<string, number>> = { thousand: 1e3, million: 1e6, billion: 1e9 }

/** A unit in the one spelling that it is compared by: `euros` is `eur`. */
export function canonicalUnit(unit: string): string {
  const plain = unit.trim().toLowerCase()
  return CANONICAL.get(plain) ?? plain
}

/** `million km²` as 1,000,000 of `km²`: a figure with its magnitude applied is divided by it. */
export function scaledUnit(unit: string): { unit: string; factor: number } {
  const [, word, rest] = /^(thousand|million|billion)s?\b\s*(?:of )?(.*)$/i.exec(unit.trim()) ?? []
  if (word === undefined) return { unit: canonicalUnit(unit), factor: 1 }
  return { unit: canonicalUnit(rest ?? ''), factor: MAGNITUDES[word.toLowerCase()]! }
}
