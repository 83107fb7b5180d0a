import type { ColumnFinding } from '#schemas/analysis.ts'
import type { ClaimSubject } from './claim-grammar.ts'

/** Names that are words of every sentence about figures. */
const NO_NAME = new Set([
  'total',
  'mean',
  'average',
  'median',
  'value',
  'values',
  'sum',
  'count',
  'number',
  'maximum',
  'minimum',
  'record',
  'rise',
  'fall',
])
const MIN_NAME_LENGTH = 3
/** Words of headings that say what a section is, and not of what part. */
const GENERAL_WORDS = new Set(
  (
    'a about all an analysis and annual are at background brief briefing by comments conclusion conclusions course data development ' +
    'draft facts figures final findings first for from general highlights history how in in introduction is key latest main management ' +
    'memo minutes monthly my news note notes of on our outlook overall overview performance points preliminary remarks report reports ' +
    'result results review say short so some statement statements status story summary sum text the this to trend trends update version want ' +
    'we what with year yearly years s'
  ).split(' '),
)

/** A column that sentences may name. */
export interface Subject extends ClaimSubject {
  column: ColumnFinding
  words: string
}

/** A measure as sentences name it; none for what is no measure, or has a name that every sentence about figures holds. */
export function subjectOf(column: ColumnFinding): Subject[] {
  const words = wordsOf(column.column)
  const isMeasure = column.role === undefined || column.role === 'measure' || column.role === 'derived'
  if (!column.numeric || column.kind === 'temporal' || !isMeasure) return []
  // A sentence says `weight` of a column that is called `weight_kg`.
  const spoken = words.replace(/ (?:eur|usd|gbp|kg|km|pct|percent|ppm|kwh)$/, '')
  if (spoken.length < MIN_NAME_LENGTH || NO_NAME.has(spoken)) return []
  const spelled = spoken.split(' ').map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const name = new RegExp(`(?<![\\p{L}\\p{N}])${spelled.join('[\\s_-]+')}(?![\\p{L}\\p{N}])`, 'iu')
  return [{ column, words: spoken, name, unit: ownUnit(column) }]
}

/** The one column whose name stands in the sentence; of names that contain each other the longest counts. */
export function onlySubject(sentence: string, subjects: readonly Subject[]): Subject | undefined {
  const text = ` ${wordsOf(sentence)} `
  const named = subjects.filter(({ words }) => text.includes(` ${words} `))
  const longest = named.filter(
    ({ words }) => !named.some((other) => other.words !== words && other.words.includes(words)),
  )
  return longest.length === 1 ? longest[0] : undefined
}

/** Lower case, `unit_price` and `unitPrice` as `unit price`, brackets with units dropped. */
export function wordsOf(text: string): string {
  return text
    .replace(/[([][^)\]]*[)\]]/g, ' ')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** As reading found it, or as the name states it in brackets or at its end. */
export function ownUnit({ unit, column }: ColumnFinding): string | undefined {
  const [, bracketed, suffix] =
    /(?:[([]([^)\]]+)[)\]]|_(eur|usd|gbp|kg|km|pct|percent|ppm|kwh))\s*$/i.exec(column) ?? []
  return unit ?? bracketed ?? suffix
}

/** Whether a heading narrows nothing: only words of reports, and of the tables themselves. */
export function isGeneral(context: string, known: ReadonlySet<string>): boolean {
  return wordsOf(context)
    .split(' ')
    .every((word) => word === '' || known.has(word) || GENERAL_WORDS.has(word) || /^\d+$/.test(word))
}
