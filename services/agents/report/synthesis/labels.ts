/** What a column is called for people: `CO2 (ppm)` is `CO2`, in `ppm`. */
export interface ColumnLabel {
  label: string
  unit: string | undefined
}

/** Endings that name one unit and nothing else. What could mean two things (`_c`, `_m`) is left alone. */
const SUFFIX_UNITS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ppm: 'ppm',
    ppb: 'ppb',
    pct: '%',
    percent: '%',
    eur: 'EUR',
    usd: 'USD',
    gbp: 'GBP',
    kg: 'kg',
    km: 'km',
    km2: 'km²',
    kwh: 'kWh',
    cm: 'cm',
    mm: 'mm',
    mg: 'mg',
    ml: 'ml',
    mph: 'mph',
    kmh: 'km/h',
    mw: 'MW',
    kw: 'kW',
    hz: 'Hz',
    hpa: 'hPa',
    kpa: 'kPa',
    mmhg: 'mmHg',
    bpm: 'bpm',
    lbs: 'lb',
    chf: 'CHF',
    jpy: 'JPY',
    celsius: '°C',
    fahrenheit: '°F',
  }),
)

/** Reads the unit from the column's own name, never from its values: a unit is stated or it is unknown. */
export function columnLabel(column: string): ColumnLabel {
  // A path inside a JSON document says where the value stood; its last part says what it is.
  const name = column.replace(/_/g, ' ').replace(/\s+/g, ' ').trim()
  const bracketed = /^(.+?)\s*[([]([^()[\]]{1,24})[)\]]$/.exec(name)
  // `Units (2)` is the second column of this name.
  if (bracketed && !/^\d+$/.test(bracketed[2]!.trim()))
    return { label: dotless(bracketed[1]!), unit: bracketed[2]!.trim() }
  const suffix = /^(.+) ([A-Za-z0-9]+)$/.exec(name)
  const unit = suffix && SUFFIX_UNITS.get(suffix[2]!.toLowerCase())
  if (suffix && unit) return { label: dotless(suffix[1]!), unit }
  return { label: dotless(name) || column || '(unnamed)', unit: undefined }
}

/** `co2.mean` reads as `co2 mean`. A dot inside a number (`v1.2`) stays. */
function dotless(name: string): string {
  return name.replace(/\.(?=[^\d\s])/g, ' ')
}

/**
 * What a table is called beside its document: nothing when it is the whole document, and `orders.lines` instead of
 * `data.json#orders.lines`.
 */
export function tableLabel({
  document,
  table,
}: {
  document: string
  table?: string | undefined
}): string | undefined {
  if (table === undefined || table === document) return undefined
  return table.startsWith(`${document}#`) ? table.slice(document.length + 1) || undefined : table
}
