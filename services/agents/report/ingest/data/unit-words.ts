/** What can be converted into another of the same dimension: symbol, and how many of the dimension's base it is. */
const CONVERTIBLE: Readonly<Record<string, { dimension: string; factor: number }>> = {
  ms: { dimension: 'time', factor: 0.001 },
  s: { dimension: 'time', factor: 1 },
  min: { dimension: 'time', factor: 60 },
  h: { dimension: 'time', factor: 3_600 },
  days: { dimension: 'time', factor: 86_400 },
  weeks: { dimension: 'time', factor: 604_800 },
  mg: { dimension: 'mass', factor: 0.001 },
  g: { dimension: 'mass', factor: 1 },
  kg: { dimension: 'mass', factor: 1_000 },
  t: { dimension: 'mass', factor: 1_000_000 },
  mm: { dimension: 'length', factor: 0.001 },
  cm: { dimension: 'length', factor: 0.01 },
  m: { dimension: 'length', factor: 1 },
  km: { dimension: 'length', factor: 1_000 },
  ml: { dimension: 'volume', factor: 0.001 },
  l: { dimension: 'volume', factor: 1 },
  kB: { dimension: 'data', factor: 1e3 },
  MB: { dimension: 'data', factor: 1e6 },
  GB: { dimension: 'data', factor: 1e9 },
  TB: { dimension: 'data', factor: 1e12 },
}

const CURRENCIES = new Set(
  (
    'USD EUR GBP CHF JPY CNY INR KRW AUD CAD NZD SEK NOK DKK PLN CZK HUF RON BGN TRY RUB UAH BRL MXN ARS CLP COP PEN ZAR NGN EGP KES ' +
    'ILS SAR AED SGD HKD TWD THB MYR IDR PHP VND PKR BDT'
  ).split(' '),
)
const CURRENCY_SIGNS = new Set(
  '$ € £ ¥ ₹ ₩ ₽ ₺ ₪ ฿ ₫ ₱ ₦ ₴ ₸ R$ US$ A$ C$ HK$ NZ$ zł Kč Ft kr kr. Fr. Rs Rs. RM Rp руб руб.'.split(' '),
)

/** Spelt-out names, lower case. */
const WORDS: Readonly<Record<string, string>> = Object.fromEntries(
  (
    [
      ['ms', 'millisecond milliseconds msec msecs'],
      ['s', 'sec secs second seconds sek sekunde sekunden'],
      ['min', 'mins minute minutes minuten'],
      ['h', 'hr hrs hour hours std stunde stunden'],
      ['days', 'd day days tag tage jour jours'],
      ['weeks', 'week weeks wk wks woche wochen'],
      ['months', 'month months mo mos monat monate mois'],
      ['years', 'year years yr yrs jahr jahre ans'],
      ['kg', 'kgs kilo kilogram kilograms'],
      ['g', 'gram grams gr'],
      ['lb', 'lbs pound pounds'],
      ['oz', 'ounce ounces'],
      ['t', 'ton tons tonne tonnes'],
      ['km', 'kms kilometer kilometers kilometre kilometres'],
      ['m', 'meter meters metre metres'],
      ['mi', 'mile miles'],
      ['ft', 'feet foot'],
      ['in', 'inch inches'],
      ['l', 'liter liters litre litres'],
      ['%', 'percent percentage pct prozent'],
      ['°C', 'degc celsius deg_c'],
      ['°F', 'degf fahrenheit deg_f'],
    ] as const
  ).flatMap(([unit, words]) => words.split(' ').map((word) => [word, unit])),
)

/** Symbols, as they are written; case counts, since mA is no MA. */
const SYMBOLS = new Set(
  (
    '% ‰ ° °C °F K ppm ppb ppt pH mm cm dm m km µm um nm in ft yd mi mg µg ug g kg t lb oz ml mL cl dl dL l L hl s ms µs us ns min h d ' +
    'Hz kHz MHz GHz rpm Pa hPa kPa MPa mbar bar psi atm mmHg V mV kV A mA µA W mW kW MW GW Wh kWh MWh GWh TWh J kJ MJ cal kcal N kN Nm ' +
    'mol mmol µmol ha B kB KB MB GB TB KiB MiB GiB bit bps kbps Mbps lx lux lm cd dB dBm Ω kΩ ohm F µF mph kmh knots kt kn deg rad ' +
    'pcs Stk px dpi cfs acre acres bbl gal pt IU U M'
  ).split(' '),
)
const PART = /^(.+?)(?:\^?-?[1-9]|[²³])?$/

/**
 * The unit that a word or sign states, in its usual form: `[hPa]`, `degC` (°C), `minutes` (min), `m3/s`, `EUR`; undefined for other
 * words. Pure.
 */
export function unitWord(cell: string): string | undefined {
  const text = cell.trim().replace(/^[([]\s*|\s*[)\]]$/g, '')
  if (text === '' || text.length > 16 || /^[-:+,;]/.test(text)) return undefined
  if (CURRENCY_SIGNS.has(text) || CURRENCIES.has(text)) return text
  const word = own(WORDS, text.toLowerCase()) ?? own(WORDS, text.toLowerCase().replace(/[°\s.]/g, ''))
  if (word !== undefined) return word
  if (/^(?:deg ?|° ?)[CF]$/i.test(text)) return `°${text.at(-1)!.toUpperCase()}`
  if (SYMBOLS.has(text)) return text === 'KB' ? 'kB' : text
  const parts = text.split(/\s*(?:\/|\*|·|\bper\b|\s)\s*/)
  const areUnits = parts.every((part, i) => {
    const base = PART.exec(part)?.[1] ?? ''
    return SYMBOLS.has(base) || Object.hasOwn(WORDS, base.toLowerCase()) || (i === 0 && part === '1')
  })
  return areUnits && parts.some((part) => part !== '1') ? text : undefined
}

/** What stands under a word of a file: `constructor` is a word like any other. */
function own<Value>(table: Readonly<Record<string, Value>>, word: string): Value | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined
}

/** A sign or code of money. Pure. */
export function isCurrency(word: string): boolean {
  return CURRENCY_SIGNS.has(word) || CURRENCIES.has(word)
}

/** What a value in one unit is to be multiplied with for another; undefined where they measure different things. Pure. */
export function conversionFactor(from: string, to: string): number | undefined {
  if (from === to) return 1
  const [a, b] = [own(CONVERTIBLE, from), own(CONVERTIBLE, to)]
  return a && b && a.dimension === b.dimension ? a.factor / b.factor : undefined
}

/** Units that stand at the end of a name without brackets; short ones are too often something else. */
const NAME_SUFFIX =
  /[_\s](kg|mg|km|cm|mm|ms|sec|secs|seconds|min|mins|minutes|hours|hrs|days|weeks|months|years|usd|eur|gbp|chf|pct|percent|percentage|lbs|mph|kmh|hpa|kpa|kwh|mwh|ghz|mhz|ppm|celsius|fahrenheit|mb|gb|kb)$/i
const AMBIGUOUS = new Set(['min', 'days', 'sec', 'mins'])

/** The unit that the name of a column states: `Rain (mm)`, `Temp [°C]`, `price_usd`, `Anteil in %`. Pure. */
export function unitOfName(name: string): string | undefined {
  const bracketed = /[([]\s*(?:in\s+)?([^()[\]]{1,16})\s*[)\]]\s*$/.exec(name)?.[1]
  if (bracketed !== undefined) return unitWord(bracketed) ?? currencyCode(bracketed)
  const trailing = /(?:\s|^)in\s+(\S{1,10})$/i.exec(name)?.[1] ?? /\s([%€$£¥])$/.exec(name)?.[1]
  if (trailing !== undefined) return unitWord(trailing) ?? currencyCode(trailing)
  const suffix = NAME_SUFFIX.exec(name)?.[1]
  // `temp_min` is a minimum, and `last 7 days` a count.
  if (suffix === undefined || AMBIGUOUS.has(suffix.toLowerCase())) return undefined
  const known = [suffix, suffix.toLowerCase(), suffix.toUpperCase(), ...SYMBOLS].find(
    (word) => word.toLowerCase() === suffix.toLowerCase() && unitWord(word) !== undefined,
  )
  return known === undefined ? undefined : unitWord(known)
}

function currencyCode(word: string): string | undefined {
  return CURRENCIES.has(word.toUpperCase()) ? word.toUpperCase() : undefined
}
