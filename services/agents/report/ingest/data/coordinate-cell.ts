const COORDINATE =
  /^(?<before>[NSEW])?\s?(?<sign>[+\-−]?)(?<degrees>\d{1,3}(?:[.,]\d+)?)\s?(?<mark>[°º])?\s?(?:(?<minutes>\d{1,2}(?:[.,]\d+)?)\s?['′’]\s?)?(?:(?<seconds>\d{1,2}(?:[.,]\d+)?)\s?(?:"|″|''|”|’’)\s?)?(?<after>[NSEW])?$/
const MIN_SHARE = 0.8
const MAX_CHARACTERS = 30
const NAME = /lat|lon|lng|breite|länge|coord/i

/** Degrees of `52.1°N`, `52°31'12"S`, `N 52° 31.2'`; south and west are below zero. Undefined for other cells. Pure. */
export function coordinateDegrees(cell: string): number | undefined {
  const found = cell.length <= MAX_CHARACTERS ? COORDINATE.exec(cell)?.groups : undefined
  if (!found) return undefined
  const { before, after, sign, degrees, minutes = '0', seconds = '0' } = found
  if (before !== undefined && after !== undefined) return undefined
  const number = (text: string) => Number(text.replace(',', '.'))
  const size = number(degrees!) + number(minutes) / 60 + number(seconds) / 3600
  const isBelow = /[SW]/.test(before ?? after ?? '') !== (sign !== '')
  return isBelow && sign !== '+' ? -size : size
}

/** Whether a column holds one coordinate a cell: with a letter of the sky beside degrees, or with minutes. Pure. */
export function areCoordinates(name: string, sample: readonly string[]): boolean {
  let told = 0
  for (const cell of sample) {
    const found = cell.length <= MAX_CHARACTERS ? COORDINATE.exec(cell)?.groups : undefined
    if (!found) continue
    const hasLetter = (found.before ?? found.after) !== undefined
    if ((found.mark && (hasLetter || found.minutes)) || (hasLetter && NAME.test(name))) told++
  }
  return sample.length > 0 && told >= MIN_SHARE * sample.length
}
