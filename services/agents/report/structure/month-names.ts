/** Names of months in the languages that tables are often written in, as people write them; January first. */
const NAMES: readonly string[] = [
  'january januar janvier enero gennaio janeiro januari jänner styczeń stycznia leden ledna ianuarie ocak январь января',
  'february februar février febrero febbraio fevereiro februari feber luty lutego únor února februarie februára şubat февраль февраля',
  'march märz maerz mars marzo março maart mrt marts marzec marca březen března március martie maret mart март марта',
  'april avril abril aprile kwiecień kwietnia duben dubna április aprilie nisan апрель апреля',
  'may mai mayo maggio maio mei maj maja květen května május mayıs май мая',
  'june juni juin junio giugno junho czerwiec czerwca červen června június iunie haziran июнь июня',
  'july juli juillet julio luglio julho lipiec lipca červenec července július iulie temmuz июль июля',
  'august août agosto augustus augusti sierpień sierpnia srpen srpna augusztus agustus ağustos август августа',
  'september septembre septiembre settembre setembro wrzesień września září szeptember septembrie eylül сентябрь сентября',
  'october oktober octobre octubre ottobre outubro październik października říjen října október octombrie ekim октябрь октября',
  'november novembre noviembre novembro listopad listopada noiembrie kasım ноябрь ноября',
  'december dezember décembre diciembre dicembre dezembro desember grudzień grudnia prosinec prosince decembrie aralık декабрь декабря',
]
const MIN_PREFIX = 3

/** Month of every beginning of at least three letters that only one month has: `Jan`, `sept`, `Déc`. */
const MONTH_OF: ReadonlyMap<string, number> = (() => {
  const months = new Map<string, Set<number>>()
  const wholes = new Map<string, number>()
  for (const [i, names] of NAMES.entries())
    for (const name of names.split(' ').map(plainName)) {
      wholes.set(name, i + 1)
      for (let length = MIN_PREFIX; length <= name.length; length++) {
        const prefix = name.slice(0, length)
        months.set(prefix, (months.get(prefix) ?? new Set()).add(i + 1))
      }
    }
  const told = [...months].flatMap(([prefix, found]): [string, number][] =>
    found.size === 1 ? [[prefix, [...found][0]!]] : [],
  )
  // A whole name counts where another begins like it: červen and červenec.
  return new Map([...told, ...wholes])
})()

/** 1 to 12, or undefined for a word that names no month, or more than one (`jui`). Pure. */
export function monthOf(word: string): number | undefined {
  return MONTH_OF.get(plainName(word))
}

function plainName(word: string): string {
  return word
    .normalize('NFD')
    .replace(/[\u0300-\u036f.]/g, '')
    .toLowerCase()
    .replaceAll('ı', 'i')
}
