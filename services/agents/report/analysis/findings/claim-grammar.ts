import { type StatedPeriod, statedPeriods } from './claim-periods.ts'
import { type Figure, figuresOf } from './figures.ts'

/** What a sentence states of a column, as far as every one of its words is understood. */
export interface StatedClaim {
  measure: 'mean' | 'median' | 'total' | 'maximum' | 'minimum' | 'value' | 'direction' | 'ends'
  /** One; of `ends` the start and the end; of `direction` none. */
  figures: Figure[]
  periods: StatedPeriod[]
  /** `about 30`. */
  isRough: boolean
  direction?: 'rising' | 'falling'
  /** `dropped`: may have happened once, in a course that goes the other way. */
  isEvent: boolean
  /** The unit of the column stands at the end of the sentence, apart from the figure. */
  isUnitApart: boolean
  /** `monthly`: the steps of the figures that the sentence speaks of. */
  cadence?: string
}

/** A column that a sentence may speak of. */
export interface ClaimSubject {
  /** Its name as a sentence may write it. */
  name: RegExp
  /** As the table states it. */
  unit: string | undefined
}

/** Stand for the column, a period and a figure: no letter of any language. */
const [COLUMN, PERIOD, FIGURE] = ['\uE000', '\uE001', '\uE002']

const AGGREGATES: readonly (readonly [StatedClaim['measure'], string])[] = [
  ['mean', 'average|mean'],
  ['median', 'median'],
  ['total', 'total|sum of'],
  ['maximum', 'highest|maximum|largest|peak|record'],
  ['minimum', 'lowest|minimum|smallest'],
]
const AGGREGATE = AGGREGATES.map(([, words]) => words).join('|')
const LEAD = `(?:overall,? |in total,? |on the whole,? |${PERIOD},? )?(?:the |our )?`
const ROUGH = '(?:about|around|roughly|nearly|almost|approximately|some|close to)'
const VALUE = `(?:(?<rough>${ROUGH}) |exactly |just )?${FIGURE}`
const IS =
  '(?:is|was|were|are|stands at|stood at|came to|comes to|amounted to|amounts to|reached|equals|equalled|has been|had been)'
/** A period, or words that speak of all that there is. */
const WHEN = `(?:,? ${PERIOD}| so far| to date)?`
const CADENCE = '(?:(?<cadence>daily|weekly|monthly|quarterly|yearly|annual) )?'
const DEGREE =
  '(?:steadily|slowly|clearly|slightly|strongly|sharply|continuously|consistently|gradually|markedly|considerably|significantly|substantially|overall|on the whole|noticeably|all the time|throughout)'
const RISE = 'rose|rises|grew|grows|increased|increases|climbed|climbs|risen|grown|went up|jumped|surged'
const FALL =
  'fell|falls|declined|declines|decreased|decreases|fallen|shrank|shrinks|went down|dropped|plunged|dipped'
const EVENT = /^(jumped|surged|dropped|plunged|dipped|(is|are|has been|have been) .*)$/
/** What goes on now may have turned lately: it confirms a course, and contradicts none. */
const RISING_NOW = '(?:is|are|has been|have been) (?:rising|growing|increasing|climbing|going up)'
const FALLING_NOW =
  '(?:is|are|has been|have been) (?:falling|declining|decreasing|shrinking|dropping|going down)'
const MOVE = `(?:has |have )?(?:${DEGREE} )*(?:(?<rise>${RISE}|${RISING_NOW})|(?<fall>${FALL}|${FALLING_NOW}))`

const SENTENCES: readonly { measure?: StatedClaim['measure']; form: RegExp }[] = [
  {
    form: form(
      `(?<aggregate>${AGGREGATE})(?: of)?(?: the| our| all)? ?${CADENCE}${COLUMN}${WHEN} ${IS} ${VALUE}${WHEN}(?: in all| overall)?`,
    ),
  },
  { form: form(`${CADENCE}(?<aggregate>${AGGREGATE}) ${COLUMN}${WHEN} ${IS} ${VALUE}${WHEN}`) },
  { measure: 'mean', form: form(`${COLUMN}${WHEN} averaged ${VALUE}${WHEN}(?: overall)?`) },
  { measure: 'mean', form: form(`${COLUMN}${WHEN} ${IS} ${VALUE} on average${WHEN}`) },
  { measure: 'mean', form: form(`on average,? (?:the |our )?${COLUMN} ${IS} ${VALUE}${WHEN}`) },
  {
    measure: 'total',
    form: form(
      `${COLUMN}${WHEN} (?:totalled|totaled|summed to|added up to) ${VALUE}(?: in all| in total| altogether| overall)?${WHEN}`,
    ),
  },
  { measure: 'total', form: form(`${COLUMN}${WHEN} ${IS} ${VALUE} (?:in total|in all|altogether)${WHEN}`) },
  { measure: 'maximum', form: form(`${COLUMN}${WHEN} peaked at ${VALUE}${WHEN}`) },
  {
    measure: 'maximum',
    form: form(
      `${COLUMN} reached (?:a|its) (?:maximum|peak|high|record|highest value) (?:of|at) ${VALUE}${WHEN}`,
    ),
  },
  {
    measure: 'maximum',
    form: form(`${COLUMN} ${IS} ${VALUE} at (?:its|their) (?:highest|peak|maximum)${WHEN}`),
  },
  {
    measure: 'minimum',
    form: form(`${COLUMN} (?:reached|hit) (?:a|its) (?:minimum|low|lowest value) (?:of|at) ${VALUE}${WHEN}`),
  },
  { measure: 'minimum', form: form(`${COLUMN} ${IS} ${VALUE} at (?:its|their) (?:lowest|minimum)${WHEN}`) },
  { measure: 'value', form: form(`${COLUMN} ${IS} ${VALUE},? ${PERIOD}`) },
  { measure: 'value', form: new RegExp(`^${PERIOD},? (?:the |our )?${COLUMN} ${IS} ${VALUE}$`) },
  { measure: 'direction', form: form(`${COLUMN} ${MOVE}(?: ${DEGREE})*${WHEN}(?: ${DEGREE})*`) },
  {
    measure: 'ends',
    form: form(`${COLUMN} ${MOVE}(?: ${DEGREE})* from ${VALUE}${WHEN} to ${ROUGH}? ?${FIGURE}${WHEN}`),
  },
]

function form(pattern: string): RegExp {
  return new RegExp(`^${LEAD}${pattern}$`)
}

/**
 * Reads a sentence that speaks of a column by its name. A sentence is understood whole or not at all: one word more than
 * the forms allow (`online sales`, `sales in Germany`, `sales staff`, `not`, `expected`) makes it speak of something else.
 */
export function statedClaim(sentence: string, { name, unit }: ClaimSubject): StatedClaim | undefined {
  const marked = sentence.replace(/[*_`]/g, '').trim()
  // `3.57, in million km²` states the unit of the column apart from the figure.
  const tail = unit === undefined ? '' : `in ${unit}`
  const bare = marked.replace(/[.!]$/, '')
  const isUnitApart = tail !== '' && bare.toLowerCase().endsWith(` ${tail.toLowerCase()}`)
  const plain = isUnitApart ? bare.slice(0, -tail.length).replace(/,?\s*$/, '') : marked
  const periods = statedPeriods(plain)
  const withoutPeriods = cut(plain, periods, PERIOD!)
  const figures = figuresOf(withoutPeriods).filter(({ inRange }) => !inRange)
  const withoutFigures = cut(withoutPeriods, figures, FIGURE!)
  const normal = withoutFigures
    .replace(name, COLUMN!)
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/\s*[.!]$/, '')
    .trim()
  for (const { measure, form } of SENTENCES) {
    const groups = form.exec(normal)?.groups
    if (!groups) continue
    const moved = groups.rise ?? groups.fall
    return {
      measure: measure ?? AGGREGATES.find(([, words]) => words.split('|').includes(groups.aggregate!))![0],
      figures,
      periods,
      isRough: groups.rough !== undefined || new RegExp(`to ${ROUGH} `).test(normal),
      ...(moved !== undefined && { direction: groups.rise === undefined ? 'falling' : 'rising' }),
      isUnitApart,
      isEvent: EVENT.test(moved ?? ''),
      ...(groups.cadence !== undefined && { cadence: groups.cadence }),
    }
  }
  return undefined
}

/** Puts a mark in the place of every span. */
function cut(text: string, parts: readonly { span: { start: number; end: number } }[], mark: string): string {
  let left = 0
  const pieces: string[] = []
  for (const { span } of parts) {
    pieces.push(text.slice(left, span.start), mark)
    left = span.end
  }
  return [...pieces, text.slice(left)].join('')
}
