import type { ColumnRole } from '#schemas/analysis.ts'
import { nameTokens, tokensWithoutUnit } from './name-tokens.ts'
import { isOutcomeName } from './outcome-names.ts'

/** A column that a table could be about. */
export interface SubjectCandidate {
  name: string
  role: ColumnRole
}

/** Names that models and trials give what is to be explained. */
const TARGET_WORDS = /^(target|outcome|response|dependent|endpoint)$/
/** Amounts that tables are made to explain: what is paid, earned, sold, scored, used up. */
const RESULT_WORDS =
  /^(price|prices|cost|costs|charges|sales|revenue|revenues|turnover|umsatz|profit|margin|wage|wages|salary|salaries|earnings|pay|fare|tip|premium|spend|spending|expenditure|yield|score|rating|medv|mpg|consumption|demand|output|emissions|mortality|delay|growth|efficiency|quality|happiness|prestige|weight|reaction|rate)$/
const TARGET_SCORE = 4
const OF_TABLE_SCORE = 3
const OUTCOME_SCORE = 3
const RESULT_SCORE = 2
/** What is to be explained often stands first or last. */
const PLACE_SCORE = 0.5
/** `price` before `min price`. */
const PLAIN_SCORE = 0.6
/** A place alone says too little. */
const MIN_SCORE = 2
const MIN_STEM = 3

/**
 * The column that a table is about, as far as its name and place tell: named as the target of a model, as the table (`tip` in `tips.csv`), as
 * something that happens (`churn`) or as an amount that is usually explained (`price`). Undefined where no name tells. Pure.
 *
 * @param table name of the table, with or without ending
 * @param columns in the order of the table
 */
export function tableSubject(table: string, columns: readonly SubjectCandidate[]): string | undefined {
  const candidates = columns.filter(({ role }) => SUBJECT_ROLES.has(role))
  const stems = new Set(tableStems(table))
  const isModel = isModelTable(candidates)
  let best: { name: string; score: number } | undefined
  for (const [i, candidate] of candidates.entries()) {
    const isAtEnd = i === 0 || i === candidates.length - 1
    const score = nameScore(candidate, { stems, isModel }) + (isAtEnd ? PLACE_SCORE : 0)
    if (score >= MIN_SCORE && score > (best?.score ?? 0)) best = { name: candidate.name, score }
  }
  return best?.name
}

const SUBJECT_ROLES: ReadonlySet<ColumnRole> = new Set(['measure', 'binary', 'ordinal'])

/** Whether `y` is what is explained: beside `x1` or `x`, and not a place beside `x` and `z`. */
function isModelTable(candidates: readonly SubjectCandidate[]): boolean {
  const names = new Set(candidates.map(({ name }) => name.toLowerCase()))
  return names.has('y') && !names.has('z') && [...names].some((name) => /^x\d*$/.test(name))
}

function nameScore(
  { name, role }: SubjectCandidate,
  { stems, isModel }: { stems: ReadonlySet<string>; isModel: boolean },
): number {
  const tokens = tokensWithoutUnit(name)
  const last = tokens.at(-1) ?? ''
  const isOfTable = stems.has(singular(tokens.join('')))
  return (
    (tokens.some((token) => TARGET_WORDS.test(token)) || (isModel && tokens.join('') === 'y')
      ? TARGET_SCORE
      : 0) +
    (isOfTable ? OF_TABLE_SCORE : 0) +
    (role === 'binary' && isOutcomeName(name) ? OUTCOME_SCORE : 0) +
    (role !== 'binary' && (RESULT_WORDS.test(last) || isPerUnit(tokens))
      ? RESULT_SCORE + (tokens.length === 1 || isPerUnit(tokens) ? PLAIN_SCORE : 0)
      : 0)
  )
}

/** `miles per gallon`: what one gets out for what one puts in. */
function isPerUnit(tokens: readonly string[]): boolean {
  return tokens[0] === 'mpg' || (tokens.length === 3 && tokens[1] === 'per')
}

/** The words of a file's name, alone and together: `stackloss`, `car-prices`. */
function tableStems(table: string): string[] {
  const file = table.split(/[\\/]/).at(-1) ?? table
  const tokens = nameTokens(file.replace(/\.[a-z0-9]{1,5}(?=#|$)/i, ' '))
  return [...tokens, tokens.join('')].filter((stem) => stem.length >= MIN_STEM).map(singular)
}

function singular(word: string): string {
  if (/ies$/.test(word)) return `${word.slice(0, -3)}y`
  return /[^s]s$/.test(word) ? word.slice(0, -1) : word
}
