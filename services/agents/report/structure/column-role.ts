import type { ColumnRole } from '#schemas/analysis.ts'
import { isCalendarRange, monthNumber, namedCalendarPart, weekdayNumber } from './calendar-part.ts'
import type { ColumnProfile } from './column-profile.ts'
import { nameTokens } from './name-tokens.ts'
import { isOrdinalScale, isOrdinalWords } from './ordinal-scale.ts'

const YEAR_WORDS = new Set(['year', 'yr', 'jahr', 'année', 'annee', 'año', 'anno', 'jaar', 'år', 'rok', 'fy'])

/** The name alone says that numbers are names of things. */
const ID_WORDS =
  /^(id|ids|pid|uid|uuid|guid|ref|reference|key|pk|fk|sku|isin|cusip|ticker|imei|vin|serial|barcode|rownames|rowid|objectid|gid|fid|osmid|passengerid|recordid)$/
/** Say it only of a thing, or alone: `order number`, `no`; `number of rooms` and `house price index` are measures. */
const VAGUE_ID_WORDS = /^(nr|no|num|number|index|idx|row|line|record|rank|position|pos|obs|observation)$/
const THINGS =
  /^(order|invoice|customer|client|account|record|serial|ticket|case|patient|employee|staff|item|product|part|line|row|flight|room|lot|batch|tracking|student|member|membership|policy|vehicle|transaction|contract|document|doc|article|art|personal|kunden|auftrags|rechnungs|house|bib|jersey|user|store|shop|site|station|subject|respondent|participant|respondenten)$/
const CODE_WORDS =
  /^(zip|zipcode|postal|postalcode|postcode|plz|phone|telephone|tel|telefon|mobile|fax|fips|ean|upc|gtin|isbn|issn|iban|bic|naics|sic|npi|provider|code|codes|iso|hs|geoid|ags|cpv|icd|ndc)$/
/** What came by phone is counted; a number of a phone has six digits and more. */
/** Numbers of shops come again, amounts differ. */
const PART_DISTINCT = 0.7
const PHONE_WORDS = /^(phone|telephone|tel|telefon|mobile|fax)$/
const MIN_PHONE = 100_000
const COORDINATES: readonly [RegExp, low: number, high: number][] = [
  [/^(lat|latitude|breitengrad)$/, -90, 90],
  [/^(lon|long|lng|longitude|längengrad|laengengrad)$/, -360, 360],
  [
    /^(easting|northing|utmx|utmy|xcoord|ycoord|xcoordinate|ycoordinate)$/,
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ],
]
/** Singular, alone and in whole numbers: which one it is. `customers` and `household size` are amounts. */
const UNIT_WORDS =
  /^(subject|patient|participant|respondent|proband|animal|mouse|rat|chick|tree|plot|cage|litter|batch|lot|household|stratum|school|hospital|clinic|flight|store|shop|station|site|student|employee|customer|user|account|vehicle|machine|firm|company|branch|state|county|district|province|municipality|country|airline|bank)$/
/** Also the years that somebody went there. */
const SCHOOL_YEARS = 25
/** Fewer units than this are groups to compare. */
const MAX_COMPARED_UNITS = 10
/** Numbers that rise from row to row under these names are measured, in a sorted table. */
const MEASURED_WORDS =
  /^(weight|height|length|width|depth|size|mass|area|volume|price|cost|age|dose|speed|score|temp|temperature|pressure|distance|dist|income|sales|amount|value|count|total|rate|level|population|time|duration|power|load|force|energy|concentration)$/
const RESPONDENT = /^(resp|respid|respondent|respondents|participant|subject|vpn|proband)$/

/** Share of values that must differ for a number to name its row. */
const DISTINCT_SHARE = 0.95
/** Two values among fewer rows than this are a binary column only as 0 and 1, or 1 and 2. */
const MIN_BINARY = 10
const MIN_ROWS_FOR_CONSTANT = 2
/** Words a name of a thing has on average, at most: longer ones are texts. */
const MAX_NAME_WORDS = 5
const MAX_NAME_CHARACTERS = 60
const TEXT_WORDS =
  /^(note|notes|comment|comments|remark|remarks|description|desc|text|message|review|summary|feedback|abstract|body|content|bemerkung|kommentar|beschreibung)$/

/** What other columns say of a table. */
export interface TableHints {
  /** One tells a time: whole numbers that only rise are then amounts, not names of rows. */
  hasTime?: boolean
  /** One is a total: `shop` beside `online` is then an amount, unless its numbers come again. */
  hasTotal?: boolean
}

/**
 * What a column is to its table, by its name and its values. Whether it is computed from others, or orders the rows, is asked later:
 * see `derivedColumns` and `findRowAxis`. Pure.
 */
export function columnRole(
  profile: ColumnProfile,
  { hasTime = false, hasTotal = false }: TableHints = {},
): ColumnRole {
  const { kind, count, distinct } = profile
  if (count === 0 || kind === 'empty') return 'empty'
  if (distinct === 1 && count >= MIN_ROWS_FOR_CONSTANT) return 'constant'
  switch (kind) {
    case 'number':
      return numberRole(profile, { hasTime, hasTotal })
    case 'temporal':
      return isYearName(profile.name) ? 'year' : 'time'
    case 'boolean':
      return 'binary'
    default:
      return wordRole(profile)
  }
}

/** Whether plain numbers under this name are years: `year`, `model_year`, `Jahr`. Pure. */
export function isYearName(name: string): boolean {
  const last = nameTokens(name).at(-1)
  return last !== undefined && YEAR_WORDS.has(last)
}

function numberRole(profile: ColumnProfile, { hasTime, hasTotal }: TableHints): ColumnRole {
  const { name, whole, min, max, numbers, distinct, count } = profile
  const tokens = nameTokens(name)
  if (isCoordinate(tokens, profile)) return 'coordinate'
  if (!whole) return distinct === 2 && count >= 2 * MIN_BINARY ? 'binary' : 'measure'
  if (isYearName(name) && min >= 1500 && max <= 2500) return 'year'
  const part = namedCalendarPart(name)
  if (part && isCalendarRange(part, profile)) return 'calendar'
  if (namesCode(tokens) && !(PHONE_WORDS.test(tokens.at(-1)!) && max < MIN_PHONE)) return 'code'
  if (countsRows(numbers) || isIdName(tokens, profile)) return 'identifier'
  const mayBePart = hasTotal && distinct >= PART_DISTINCT * count
  if (!mayBePart && namesUnit(tokens, profile)) return distinct < MAX_COMPARED_UNITS ? 'code' : 'identifier'
  if (isClock(tokens, profile)) return 'calendar'
  if (!hasTime && !MEASURED_WORDS.test(tokens.at(-1) ?? '') && isReference(profile)) return 'identifier'
  if (distinct === 2 && hasLoneValue(profile)) return 'measure'
  if (distinct === 2 && (count >= MIN_BINARY || (min >= 0 && max <= 2 && max - min === 1))) return 'binary'
  return isOrdinalScale(tokens, profile) ? 'ordinal' : 'measure'
}

/** 18 once among ninety zeros is an event, and no answer; 0 and 1, or 1 and 2, are answers however rare. */
function hasLoneValue({ numbers, min, max }: ColumnProfile): boolean {
  if (numbers.length < 2 * MIN_BINARY || (min >= 0 && max <= 2 && max - min === 1)) return false
  const highs = numbers.reduce((sum, value) => sum + (value === max ? 1 : 0), 0)
  return highs === 1 || highs === numbers.length - 1
}

/** `zip`, `region code`, `provider number`; not `phone sales`. */
function namesCode(tokens: readonly string[]): boolean {
  const last = tokens.at(-1) ?? ''
  if (CODE_WORDS.test(last) || /^.{3,}code?$/.test(last)) return true
  return /^(number|nr|no|num|code|id)$/.test(last) && CODE_WORDS.test(tokens.at(-2) ?? '')
}

function isCoordinate(tokens: readonly string[], { min, max }: ColumnProfile): boolean {
  const last = tokens.at(-1) ?? ''
  const joined = tokens.join('')
  return COORDINATES.some(
    ([pattern, low, high]) => (pattern.test(last) || pattern.test(joined)) && min >= low && max <= high,
  )
}

/** 0, 1, 2 … or 1, 2, 3 … in row order. */
function countsRows(values: Float64Array): boolean {
  const first = values[0]!
  return values.length > 2 && (first === 0 || first === 1) && values.every((value, i) => value === first + i)
}

function isIdName(tokens: readonly string[], { distinct, count, name, min }: ColumnProfile): boolean {
  if (min < 0) return false
  const last = tokens.at(-1)
  if (last === undefined) return name.trim() === '' && distinct >= DISTINCT_SHARE * count
  if (ID_WORDS.test(last) || tokens[0] === 'unnamed') return true
  if (RESPONDENT.test(last)) return distinct >= DISTINCT_SHARE * count
  if (!VAGUE_ID_WORDS.test(last)) return false
  const isOfThing = tokens.length === 1 || (tokens.length === 2 && THINGS.test(tokens[0]!))
  return isOfThing && distinct >= DISTINCT_SHARE * count
}

function namesUnit(tokens: readonly string[], { distinct, min, max, numbers }: ColumnProfile): boolean {
  return (
    (tokens.length === 1 || tokens.at(-1) === 'stratum') &&
    UNIT_WORDS.test(tokens.at(-1)!) &&
    !(tokens.at(-1) === 'school' && max <= SCHOOL_YEARS && !standsInBlocks(numbers, distinct)) &&
    distinct > 2 &&
    min >= 0
  )
}

/** Whether the rows of each unit stand together, as tables of pupils are kept. */
function standsInBlocks(values: Float64Array, distinct: number): boolean {
  let blocks = 1
  for (let i = 1; i < values.length; i++) if (values[i] !== values[i - 1]) blocks++
  return blocks <= 2 * distinct
}

/** 555 for 5:55 and 1830 for half past six: hours and minutes written together, in many different values. */
const MIN_CLOCK_TIMES = 50
const LAST_CLOCK_TIME = 2400

function isClock(tokens: readonly string[], { numbers, distinct, min, max }: ColumnProfile): boolean {
  if (tokens.at(-1) !== 'time' || distinct < MIN_CLOCK_TIMES || min < 0 || max > LAST_CLOCK_TIME) return false
  // Of durations in minutes two fifths would end on 60 to 99.
  return max > LAST_CLOCK_TIME / 2 && numbers.every((value) => value % 100 < 60)
}

/** Whole numbers that only ever rise, in small irregular steps, from far above zero: 90001, 90003, 90006 … */
const MIN_REFERENCES = 10
const MAX_MEAN_STEP = 20
/** The largest step to the mean one. */
const MAX_STEP_RATIO = 12

function isReference({ numbers, min, max, count, distinct }: ColumnProfile): boolean {
  if (count < MIN_REFERENCES || distinct < count || min < 100) return false
  const meanStep = (max - min) / (count - 1)
  if (meanStep > MAX_MEAN_STEP || max - min > min) return false
  for (let i = 1; i < numbers.length; i++) {
    const step = numbers[i]! - numbers[i - 1]!
    if (step <= 0 || step > MAX_STEP_RATIO * meanStep) return false
  }
  return true
}

function wordRole(profile: ColumnProfile): ColumnRole {
  const { name, kind, words, distinct, count } = profile
  const tokens = nameTokens(name)
  const last = tokens.at(-1) ?? ''
  if (words.length >= 4 && words.every((word) => weekdayNumber(word) !== undefined)) return 'calendar'
  if (words.length >= 2 && words.every((word) => /\p{L}/u.test(word) && monthNumber(word) !== undefined))
    return 'calendar'
  if (/^(quarter|qtr)$/.test(last) && words.every((word) => /^q?[1-4]$/i.test(word))) return 'calendar'
  if (isDigits(words)) return ID_WORDS.test(last) ? 'identifier' : 'code'
  if (distinct === 2 && kind === 'category') return 'binary'
  if (kind === 'category') {
    if (isOrdinalWords(words)) return 'ordinal'
    return ID_WORDS.test(last) && distinct > 0.2 * count ? 'identifier' : 'category'
  }
  if (TEXT_WORDS.test(last)) return 'text'
  return distinct >= DISTINCT_SHARE * count && areNames(words) ? 'identifier' : 'text'
}

/** Digits kept as words: they begin with zero, or have signs between them as phone numbers have. */
function isDigits(words: readonly string[]): boolean {
  return words.length > 0 && words.every((word) => /^[+(]?\d[\d\s().\-/]*$/.test(word))
}

function areNames(words: readonly string[]): boolean {
  const total = words.reduce((sum, word) => sum + word.trim().split(/\s+/).length, 0)
  return total <= MAX_NAME_WORDS * words.length && words.every((word) => word.length <= MAX_NAME_CHARACTERS)
}
