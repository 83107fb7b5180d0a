import type { ColumnProfile } from './column-profile.ts'

/** Names of scales: their few whole numbers are steps, however few rows there are. */
const SCALE_WORDS =
  /^(rating|ratings|stars|star|satisfaction|agreement|likert|class|grade|level|tier|stage|severity|priority|quality|difficulty|importance|pclass|education|nps|rank|ranking|survey|answer|response|score|scores|condition|cylinders|cyl|gear|gears|q\d+[a-z]?|item\d+|frage\d+)$/
/** Names of counts: however few values occur, they are amounts. */
const COUNT_WORDS =
  /^(count|counts|qty|quantity|amount|units|number|num|n|rooms|bedrooms|beds|bathrooms|baths|children|kids|siblings|persons|people|members|age|years|days|hours|goals|items|visits|clicks|events|errors|defects|accidents|orders|sales|price|cost|revenue|sold|visitors|deaths|cases|passengers|stock)$/
/** A scale named as one may have eleven steps (0 to 10); one known by its values alone seven. */
const MAX_NAMED_STEPS = 11
const MAX_STEPS = 7
const MIN_STEPS = 3
/** Fewer rows than this let small amounts look like a scale. */
const MIN_ROWS = 20
/** Rows a step on average. */
const MIN_ROWS_A_STEP = 4

/**
 * Whole numbers that are steps of a scale: all of 1 … 3 to 1 … 7 occur, often, and the name speaks of no count; or the name speaks of
 * a scale, and they are at most eleven. Amounts that start at 0 are counts unless named. Pure.
 */
export function isOrdinalScale(
  tokens: readonly string[],
  { distinct, count, min, max }: ColumnProfile,
): boolean {
  if (distinct < MIN_STEPS || tokens.some((token) => COUNT_WORDS.test(token))) return false
  if (tokens.some((token) => SCALE_WORDS.test(token))) {
    return distinct <= MAX_NAMED_STEPS && min >= 0 && max <= 10 && count >= 2 * distinct
  }
  const allUsed = min === 1 && max === distinct
  return allUsed && distinct <= MAX_STEPS && count >= MIN_ROWS && count >= MIN_ROWS_A_STEP * distinct
}

/** Words that stand in an order, lowest first. */
const WORD_SCALES: readonly (readonly string[])[] = [
  ['very low', 'low', 'medium low', 'medium', 'moderate', 'medium high', 'high', 'very high'],
  ['none', 'mild', 'moderate', 'severe', 'critical'],
  ['tiny', 'extra small', 'small', 'medium', 'large', 'extra large', 'huge'],
  ['xxs', 'xs', 's', 'm', 'l', 'xl', 'xxl', 'xxxl'],
  ['very poor', 'poor', 'fair', 'average', 'good', 'very good', 'excellent'],
  ['terrible', 'bad', 'ok', 'okay', 'good', 'great'],
  ['strongly disagree', 'disagree', 'neutral', 'neither agree nor disagree', 'agree', 'strongly agree'],
  ['very dissatisfied', 'dissatisfied', 'neutral', 'satisfied', 'very satisfied'],
  ['never', 'rarely', 'seldom', 'sometimes', 'often', 'usually', 'always'],
  ['first', 'second', 'third', 'fourth', 'fifth'],
  ['bronze', 'silver', 'gold', 'platinum', 'diamond'],
  ['minor', 'major', 'critical', 'blocker'],
  ['fair', 'good', 'very good', 'premium', 'ideal'],
  ['niedrig', 'mittel', 'hoch'],
  ['sehr schlecht', 'schlecht', 'mittel', 'gut', 'sehr gut'],
]

/** Whether at least three words all belong to one scale: `low`, `medium`, `high`. Pure. */
export function isOrdinalWords(words: readonly string[]): boolean {
  if (words.length < MIN_STEPS) return false
  const plain = words.map((word) =>
    word
      .trim()
      .toLowerCase()
      .replace(/[\s_-]+/g, ' '),
  )
  return WORD_SCALES.some((scale) => plain.every((word) => scale.includes(word)))
}
