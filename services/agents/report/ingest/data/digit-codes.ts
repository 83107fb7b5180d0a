import { nameTokens } from '../../structure/name-tokens.ts'
import { MIN_FIT, type PresentCells } from './column-reader.ts'
import { isDigitCode } from './number-cell.ts'

const VERSION_NAME = /(?:^|[\s_-])(?:version|release|ver)$/i
/** Words of names whose columns hold codes as soon as one cell is more than digits: `12345-6789`, `301409350X`. */
const CODE_NAMES = new Set(
  'zip zipcode postal postcode plz phone telephone tel mobile fax isbn issn ean upc gtin iban bic swift ssn vat sku cusip isin imei vin plate hash sha md5 uuid guid ip mac iccid'.split(
    ' ',
  ),
)
const PHONE = /^\+\d[\d ()/-]{7,}$/

/** Telephone numbers, versions, hashes, and codes by their name look like numbers and are none. Pure. */
export function areCodes(name: string, texts: readonly string[]): boolean {
  if (texts.length === 0) return false
  const holds = (shape: RegExp, share: number) =>
    texts.filter((text) => shape.test(text)).length >= share * texts.length
  if (nameTokens(name).some((token) => CODE_NAMES.has(token)) && texts.some((text) => /\D/.test(text)))
    return true
  // `1234e56` is a hash; powers of ten have one digit before the point.
  if (holds(/^\d{2,}e\d+$/i, MIN_FIT)) return true
  if (VERSION_NAME.test(name.trim())) return texts.every((text) => /^v?\d+(?:\.\d+)+$/i.test(text))
  return holds(PHONE, MIN_FIT)
}

/** Postal codes and the like: some start with 0 and all are equally long, or many start with 0; or they are too long. Pure. */
export function holdsCodes(present: PresentCells): boolean {
  let codes = 0
  let count = 0
  const lengths = new Set<number>()
  for (const cell of present) {
    if (typeof cell !== 'string') continue
    count++
    if (lengths.size < 2) lengths.add(cell.length)
    const first = cell.charCodeAt(0)
    if ((first === 48 || cell.length > 15) && isDigitCode(cell)) codes++
  }
  return codes > 0 && (lengths.size === 1 || codes >= 0.01 * count)
}
