/** A stretch of time that a sentence names, Unix ms: from ≤ t < to. `null` is everything that there is. */
export interface StatedPeriod {
  range: { fromMs: number; toMs: number } | null
  /** Open at its end: `since 2019`. */
  isOpen: boolean
  /** Where it stands in the sentence, with its preposition. */
  span: { start: number; end: number }
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const MONTH =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?'
const YEAR = '(?:1[5-9]|20)\\d\\d'
/** `2021`, `March 2021`, `Q1 2021`, `3 March 2021`, `2021-03`, `2021-03-01`. */
const MOMENT = `(?:\\d{4}-\\d{2}-\\d{2}|\\d{4}-\\d{2}|(?:\\d{1,2} )?${MONTH} ${YEAR}|q[1-4] ${YEAR}|${YEAR})`
const WHOLE =
  /\b(?:over|during|throughout|across|in|for)\s+(?:the\s+)?(?:whole|entire|full|complete)\s+(?:period|time|series|span)\b|\b(?:over|throughout|during)\s+the\s+(?:period|years)\b|\bover\s+time\b|\bover the whole period\b/gi
const SINGLE = new RegExp(`\\b(?:in|during|for|on|of|throughout)\\s+(${MOMENT})(?![-\\d])`, 'gi')
const SINCE = new RegExp(`\\bsince\\s+(${MOMENT})(?![-\\d])`, 'gi')
const BETWEEN = new RegExp(
  `\\b(?:(?:between|from)\\s+(${MOMENT})\\s+(?:and|to|until|through)\\s+(${MOMENT})|(?:in|during|over)\\s+(${YEAR})\\s?[–-]\\s?(${YEAR}))(?![-\\d])`,
  'gi',
)

/** The periods of a sentence, in its order; months and weeks without a year name no period that could be checked. */
export function statedPeriods(sentence: string): StatedPeriod[] {
  const found: StatedPeriod[] = []
  const add = (match: RegExpExecArray, range: StatedPeriod['range'] | undefined, isOpen = false): void => {
    const span = { start: match.index, end: match.index + match[0].length }
    const isFree = found.every((other) => span.end <= other.span.start || other.span.end <= span.start)
    if (range !== undefined && isFree) found.push({ range, isOpen, span })
  }
  for (const match of sentence.matchAll(WHOLE)) add(match, null)
  for (const match of sentence.matchAll(BETWEEN)) {
    const [from, to] = [match[1] ?? match[3], match[2] ?? match[4]].map((text) => momentRange(text!))
    add(match, from && to && { fromMs: from.fromMs, toMs: to.toMs })
  }
  for (const match of sentence.matchAll(SINCE)) {
    const from = momentRange(match[1]!)
    add(match, from && { fromMs: from.fromMs, toMs: Number.POSITIVE_INFINITY }, true)
  }
  for (const match of sentence.matchAll(SINGLE)) add(match, momentRange(match[1]!))
  return found.sort((a, b) => a.span.start - b.span.start)
}

/** A year, quarter, month or day from its first to its last millisecond, UTC. */
export function momentRange(text: string): { fromMs: number; toMs: number } | undefined {
  const plain = text.toLowerCase().replace('.', '')
  const iso = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(plain)
  if (iso)
    return dateRange(Number(iso[1]), Number(iso[2]) - 1, iso[3] === undefined ? undefined : Number(iso[3]))
  const year = Number(plain.slice(-4))
  const quarter = /^q([1-4])/.exec(plain)
  if (quarter) {
    const month = (Number(quarter[1]) - 1) * 3
    return { fromMs: Date.UTC(year, month, 1), toMs: Date.UTC(year, month + 3, 1) }
  }
  const named = /^(?:(\d{1,2}) )?([a-z]{3})[a-z]* \d{4}$/.exec(plain)
  if (named)
    return dateRange(year, MONTHS.indexOf(named[2]!), named[1] === undefined ? undefined : Number(named[1]))
  return /^\d{4}$/.test(plain) ? { fromMs: Date.UTC(year, 0, 1), toMs: Date.UTC(year + 1, 0, 1) } : undefined
}

function dateRange(
  year: number,
  month: number,
  day: number | undefined,
): { fromMs: number; toMs: number } | undefined {
  if (month < 0 || month > 11) return undefined
  return day === undefined
    ? { fromMs: Date.UTC(year, month, 1), toMs: Date.UTC(year, month + 1, 1) }
    : { fromMs: Date.UTC(year, month, day), toMs: Date.UTC(year, month, day + 1) }
}
