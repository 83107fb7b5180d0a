import type { TableStructure } from '#schemas/analysis.ts'
import { columnLabel } from './labels.ts'
import { countText } from './number-text.ts'

/** Words that columns of entities are called and whose plural is `s`, or `ies` after a consonant and y. */
const REGULAR =
  /^(?:account|airline|airport|area|asset|bank|battery|beach|borough|branch|brand|camera|category|channel|city|class|client|club|colony|commodity|company|continent|contract|country|county|court|crop|currency|customer|dam|department|device|district|economy|employee|engine|entity|exchange|facility|factory|family|farm|field|firm|fund|group|hospital|hotel|household|index|industry|instrument|island|item|lake|language|line|location|machine|manager|market|meter|municipality|nation|office|organisation|organization|outlet|parameter|parish|park|participant|patient|pixel|place|plant|player|plot|port|probe|product|project|province|pupil|region|river|room|route|school|sector|seller|sensor|series|server|service|shop|site|species|sport|state|station|stock|store|street|student|subject|supplier|symbol|team|territory|ticker|town|tree|unit|university|user|vehicle|vendor|village|ward|warehouse|well|worker|zone)$/
const OWN_PLURALS: ReadonlyMap<string, string> = new Map([
  ['child', 'children'],
  ['mouse', 'mice'],
  ['person', 'people'],
  ['series', 'series'],
  ['species', 'species'],
  ['index', 'indices'],
])

/** `185 countries`; `185 values of land` where the column's name is no noun that is known. Pure. */
export function entitiesText(count: number, entity: TableStructure['entity']): string {
  if (!entity) return countText(count, 'series', 'series')
  const { label } = columnLabel(entity.column)
  const plural = pluralOf(label)
  if (plural === undefined) return `${countText(count, 'value')} of ${label}`
  return countText(count, label.toLowerCase() === plural.toLowerCase() ? plural : nounOf(label), plural)
}

/** The plural of a name whose last word is a noun that is known, as `weather station`; undefined for any other. Pure. */
export function pluralOf(label: string): string | undefined {
  const [, before = '', last = ''] = /^((?:[\p{L}\d-]+ )*)(\p{L}+)$/u.exec(label) ?? []
  const word = last.toLowerCase()
  const plural = OWN_PLURALS.get(word) ?? (REGULAR.test(word) ? withS(word) : undefined)
  const isPlural = [...OWN_PLURALS.values()].includes(word) || REGULAR.test(singularOf(word))
  const told = plural ?? (isPlural ? word : undefined)
  return told === undefined ? undefined : `${nounOf(before.trimEnd())}${before === '' ? '' : ' '}${told}`
}

/** Within a sentence: `Country` is `country`, and `EU member` stays. */
function nounOf(label: string): string {
  return label
    .split(' ')
    .map((word) => (/^\p{Lu}\p{Ll}+$/u.test(word) || word.length > 5 ? word.toLowerCase() : word))
    .join(' ')
}

function withS(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`
  return /(?:s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`
}

function singularOf(word: string): string {
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`
  return word.replace(/(?<=s|x|ch|sh)es$|s$/, '')
}
