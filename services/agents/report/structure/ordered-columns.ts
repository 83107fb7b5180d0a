import { nameTokens } from './name-tokens.ts'

/** Two columns of which the first may not exceed the second. */
export interface OrderedPair {
  low: string
  high: string
}

/** Words that say which of several values of one thing is smaller; those of one group stand in this order. */
const SCALES: readonly (readonly RegExp[])[] = [
  [
    /^(min|minimum|lowest|mindest)$/,
    /^(mean|avg|average|median|mittel|mittelwert)$/,
    /^(max|maximum|highest|höchst)$/,
  ],
  [/^(low)$/, /^(high)$/],
  [/^(lower|lo|lcl|ci_low|untere)$/, /^(estimate|mean|median|point)$/, /^(upper|hi|ucl|obere)$/],
  [/^(q1|p25)$/, /^(median|q2|p50)$/, /^(q3|p75)$/],
  [/^p5$/, /^p10$/, /^p25$/, /^p50$/, /^p75$/, /^p90$/, /^p95$/, /^p99$/],
]
/** Of a bar of prices: the low is below both, the high above both. */
const LOW = /^low$/
const HIGH = /^high$/
const WITHIN = /^(open|close|last)$/

/** First and last of what lasts; only of dates, or of numbers that share the rest of their name. */
const SPANS: readonly (readonly [RegExp, RegExp])[] = [
  [/^(start|started|begin|began|beginn|von)$/, /^(end|ended|finish|finished|stop|stopped|ende|bis)$/],
  [/^(from)$/, /^(to|until|till)$/],
  [
    /^(birth|born|dob|birthdate|birthday|geburtsdatum)$/,
    /^(death|died|deceased|hire|hired|joined|enrolled|visit|admission)$/,
  ],
  [/^(order|ordered|bestellt)$/, /^(ship|shipped|shipping|delivery|delivered|arrival)$/],
  [/^(ship|shipped|shipping)$/, /^(delivery|delivered|arrival)$/],
  [
    /^(departure|departed|depart|dep|pickup|checkout)$/,
    /^(arrival|arrived|arrive|arr|dropoff|returned|return)$/,
  ],
  [/^(checkin)$/, /^(checkout)$/],
  [/^(admission|admitted|admit)$/, /^(discharge|discharged)$/],
  [
    /^(opened|created|reported|submitted|received)$/,
    /^(closed|resolved|completed|updated|modified|decided|solved)$/,
  ],
  [/^(hire|hired|joined)$/, /^(termination|terminated|left|exit|leave)$/],
  [/^(issue|issued)$/, /^(due|expiry|expires|expiration)$/],
  [/^(founded|established|opened)$/, /^(closed|dissolved)$/],
  [/^(birth|born)$/, /^(graduation|marriage|married)$/],
]

/** A part and what it is a part of, by name. */
const PARTS: readonly (readonly [RegExp, RegExp])[] = [
  [/^(deaths|recovered|hospitalized|hospitalised)$/, /^(cases|confirmed|infections)$/],
  [/^(occupied|used)$/, /^(capacity|total|available)$/],
  [/^(delivered|shipped|fulfilled)$/, /^(ordered)$/],
  [
    /^(passed|correct|completed|succeeded|successful)$/,
    /^(attempted|attempts|taken|total|questions|answered)$/,
  ],
  [/^(wins|won|losses|lost|draws)$/, /^(games|matches|played|gp)$/],
  [/^(hits)$/, /^(atbats|ab)$/],
  [/^(made)$/, /^(attempted|attempts)$/],
  [/^(conversions)$/, /^(clicks)$/],
  [/^(clicks)$/, /^(impressions)$/],
  [/^(unique|uniques)$/, /^(visits|pageviews|views|total)$/],
  [/^(net)$/, /^(gross)$/],
  [/^(positive|positives)$/, /^(tests|tested)$/],
  [/^(female|females|women|male|males|men|girls|boys|urban|rural)$/, /^(population|total|all|persons)$/],
]

/** A column as its name is looked at. */
export interface NamedColumn {
  name: string
  isTime: boolean
}

/** Pairs of columns that by their names stand in an order: `low` and `high`, `temp_min` and `temp_max`, `start_date` and `end_date`. Pure. */
export function orderedColumns(columns: readonly NamedColumn[]): OrderedPair[] {
  const named = columns.map((column) => ({ ...column, tokens: nameTokens(column.name) }))
  const found: OrderedPair[] = []
  for (const low of named) {
    for (const high of named) {
      if (low === high || low.isTime !== high.isTime) continue
      if (isPair(low, high)) found.push({ low: low.name, high: high.name })
    }
  }
  return found
}

type Tokened = NamedColumn & { tokens: string[] }

function isPair(low: Tokened, high: Tokened): boolean {
  if (low.isTime) return SPANS.some(([first, last]) => hasWord(low, first) && hasWord(high, last))
  if (SCALES.some((words) => areSteps(words, low, high))) return true
  if (isWithinBar(low, high)) return true
  // Numbers called `start_km` and `end_km` measure one thing; `from` and `to` alone may be codes.
  if (SPANS.slice(0, 1).some(([first, last]) => differOnlyBy(first, last, low, high))) return true
  return PARTS.some(([part, whole]) => isPartOf(part, whole, low, high))
}

function hasWord({ tokens }: Tokened, word: RegExp): boolean {
  return tokens.some((token) => word.test(token)) || word.test(tokens.join(''))
}

function areSteps(words: readonly RegExp[], low: Tokened, high: Tokened): boolean {
  return words.some((word, i) => words.slice(i + 1).some((later) => differOnlyBy(word, later, low, high)))
}

/** The names are the same but for one word. */
function differOnlyBy(first: RegExp, second: RegExp, low: Tokened, high: Tokened): boolean {
  const rest = ({ tokens }: Tokened, word: RegExp) => tokens.filter((token) => !word.test(token)).join(' ')
  return hasWord(low, first) && hasWord(high, second) && rest(low, first) === rest(high, second)
}

/** `low` and `open`, `Low Price` and `Open Price`; an adjusted close lies where it will. */
function isWithinBar(low: Tokened, high: Tokened): boolean {
  const word = ({ tokens }: Tokened, pattern: RegExp) => pattern.test(tokens[0] ?? '')
  if (low.tokens.slice(1).join(' ') !== high.tokens.slice(1).join(' ')) return false
  return (word(low, LOW) && word(high, WITHIN)) || (word(low, WITHIN) && word(high, HIGH))
}

/** The part's name without its word is also in the whole's: `new_deaths` and `new_cases`, not `deaths` and `new_cases`. */
function isPartOf(part: RegExp, whole: RegExp, low: Tokened, high: Tokened): boolean {
  return differOnlyBy(part, whole, low, high)
}
