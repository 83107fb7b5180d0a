import { isOutcomeName } from '../../structure/outcome-names.ts'
import type { UnitFactor } from './relation-units.ts'

/** Names of what somebody or something is beforehand. */
const GROUP_NAME =
  /(^|[\s_.-])(sex|gender|region|country|state|city|area|plan|class|pclass|segment|type|category|department|dept|team|group|treatment|arm|variant|cohort|branch|store|shop|channel|source|supplier|vendor|line|machine|shift|weekday|day|month|race|ethnicity|age|education|marital|species|brand|model|product)($|[\s_.-])/i
const POSITIVE = new Set([
  '1',
  'true',
  'yes',
  'y',
  't',
  'ja',
  'oui',
  'si',
  'positive',
  'pos',
  'success',
  'passed',
  'pass',
])
const NEGATIVE = new Set([
  '0',
  'false',
  'no',
  'n',
  'f',
  'nein',
  'non',
  'negative',
  'neg',
  'failure',
  'failed',
  'fail',
])

/** Whether a factor asks if something happened: yes or no, 1 or 0, or a name that says so. */
export function isOutcome(factor: Pick<UnitFactor, 'name' | 'names' | 'role'>): boolean {
  if (GROUP_NAME.test(split(factor.name))) return false
  return factor.role === 'binary' && (positiveGroup(factor) >= 0 || isOutcomeName(factor.name))
}

/** Which of two factors is explained by the other: the likelier outcome, of equals the later column. */
export function outcomeFirst(a: UnitFactor, b: UnitFactor): [outcome: UnitFactor, by: UnitFactor] {
  return outcomeScore(a) > outcomeScore(b) ? [a, b] : [b, a]
}

function outcomeScore(factor: UnitFactor): number {
  const name = split(factor.name)
  return (
    (isOutcomeName(factor.name) ? 4 : 0) -
    (GROUP_NAME.test(name) ? 3 : 0) +
    (positiveGroup(factor) >= 0 ? 2 : 0) +
    (factor.role === 'binary' ? 1 : 0)
  )
}

/** The group that means yes, where the other one means no; else −1. */
export function positiveGroup({ names }: Pick<UnitFactor, 'names'>): number {
  if (names.length !== 2) return -1
  const [first, second] = names.map((name) => name.trim().toLowerCase())
  if (POSITIVE.has(first!) && NEGATIVE.has(second!)) return 0
  return POSITIVE.has(second!) && NEGATIVE.has(first!) ? 1 : -1
}

/** `isFraud` as `is Fraud`. */
function split(name: string): string {
  return name.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
}
