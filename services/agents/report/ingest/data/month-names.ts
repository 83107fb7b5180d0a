/** Names of months in the languages that tables are often written in, lower case and without accents; January first. */
const NAMES: readonly (readonly string[])[] = [
  ['january', 'januar', 'janvier', 'enero', 'gennaio', 'janeiro', 'januari', 'janner'],
  ['february', 'februar', 'fevrier', 'febrero', 'febbraio', 'fevereiro', 'februari', 'feber'],
  ['march', 'marz', 'maerz', 'mars', 'marzo', 'marco', 'maart', 'mrt'],
  ['april', 'avril', 'abril', 'aprile'],
  ['may', 'mai', 'mayo', 'maggio', 'maio', 'mei'],
  ['june', 'juni', 'juin', 'junio', 'giugno', 'junho'],
  ['july', 'juli', 'juillet', 'julio', 'luglio', 'julho'],
  ['august', 'aout', 'agosto', 'augustus'],
  ['september', 'septembre', 'septiembre', 'settembre', 'setembro'],
  ['october', 'oktober', 'octobre', 'octubre', 'ottobre', 'outubro'],
  ['november', 'novembre', 'noviembre', 'novembro'],
  ['december', 'dezember', 'decembre', 'diciembre', 'dicembre', 'dezembro'],
]
const MIN_PREFIX = 3

/** Month of every beginning of at least three letters that only one month has: `Jan`, `sept`, `Déc`. */
const MONTH_OF: ReadonlyMap<string, number> = (() => {
  const months = new Map<string, Set<number>>()
  for (const [i, names] of NAMES.entries())
    for (const name of names)
      for (let length = MIN_PREFIX; length <= name.length; length++) {
        const prefix = name.slice(0, length)
        months.set(prefix, (months.get(prefix) ?? new Set()).add(i + 1))
      }
  return new Map(
    [...months].flatMap(([prefix, found]) => (found.size === 1 ? [[prefix, [...found][0]!]] : [])),
  )
})()

/** 1 to 12, or undefined for a word that names no month, or more than one (`jui`). Pure. */
export function monthOf(word: string): number | undefined {
  return MONTH_OF.get(
    word
      .normalize('NFD')
      .replace(/[\u0300-\u036f.]/g, '')
      .toLowerCase(),
  )
}
