import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import type { RawCell } from '../../../../../services/agents/report/ingest/data/infer-column.ts'
import { inferColumn } from '../../../../../services/agents/report/ingest/data/infer-column.ts'

const DAY_MS = 86_400_000
const two = (n: number) => String(n).padStart(2, '0')

function dateText(day: number, write: (date: Date) => string): string {
  return write(new Date(Date.UTC(2019, 0, 1) + day * DAY_MS))
}

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value.toFixed(2))
const day = fc.nat(2_000)

/** Cells of columns that people write, each with the name that goes with it. */
const KINDS: Record<string, fc.Arbitrary<RawCell>> = {
  value: number,
  'binary value': fc.double({ noNaN: true }),
  whole: fc.integer({ min: -500, max: 90_000 }).map(String),
  comma: number.map((text) => text.replace('.', ',')),
  thousands: fc.integer({ min: 1, max: 5_000_000 }).map((value) => value.toLocaleString('en-US')),
  swiss: fc
    .integer({ min: 1, max: 5_000_000 })
    .map((value) => value.toLocaleString('en-US').replaceAll(',', '’')),
  price: number.map((text) => `€ ${text.replace('-', '')}`),
  weight: fc.tuple(fc.nat(500), fc.constantFrom('kg', 'g')).map(([value, unit]) => `${value} ${unit}`),
  conc: fc.oneof(number, fc.constantFrom('<0.05', '>100', '<= 0.1')),
  temp: fc.oneof(
    { weight: 8, arbitrary: fc.nat(30).map(String) },
    { weight: 1, arbitrary: fc.constantFrom('-999', '-9999') },
  ),
  nearly: fc.oneof(
    { weight: 8, arbitrary: number },
    { weight: 1, arbitrary: fc.constantFrom('pending', 'oops') },
  ),
  duration: fc
    .nat(20_000)
    .map((s) => `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`),
  runtime: fc.nat(300).map((m) => `${Math.floor(m / 60)}h ${m % 60}m`),
  year: fc.integer({ min: 1950, max: 2050 }).map(String),
  'Year built': fc.oneof(fc.integer({ min: 1950, max: 2050 }).map(String), fc.constant('20199')),
  date: day.map((n) => dateText(n, (d) => d.toISOString().slice(0, 10))),
  'dotted date': day.map((n) =>
    dateText(n, (d) => `${two(d.getUTCDate())}.${two(d.getUTCMonth() + 1)}.${d.getUTCFullYear()}`),
  ),
  'slashed date': day.map((n) =>
    dateText(n, (d) => `${d.getUTCMonth() + 1}/${d.getUTCDate()}/${d.getUTCFullYear()}`),
  ),
  'broken date': fc.oneof(
    { weight: 12, arbitrary: day.map((n) => dateText(n, (d) => d.toISOString().slice(0, 10))) },
    { weight: 1, arbitrary: fc.constantFrom('2021-02-30', '1823-01-01', '1. Mai 2020', 'soon') },
  ),
  yyyymmdd: day.map((n) => dateText(n, (d) => d.toISOString().slice(0, 10).replaceAll('-', ''))),
  timestamp: fc.integer({ min: 1_500_000_000, max: 1_700_000_000 }).map(String),
  'Order Date': fc.integer({ min: 40_000, max: 46_000 }).map(String),
  week: fc.integer({ min: 1, max: 52 }).map((w) => `2021-W${two(w)}`),
  quarter: fc.integer({ min: 0, max: 60 }).map((q) => `Q${(q % 4) + 1} ${2005 + Math.floor(q / 4)}`),
  'short year': day.map((n) =>
    dateText(n, (d) => `${two(d.getUTCDate())}-${two(d.getUTCMonth() + 1)}-${d.getUTCFullYear() % 100}`),
  ),
  'date of birth': day.map((n) =>
    dateText(
      -7 * n,
      (d) => `${two(d.getUTCDate())}.${two(d.getUTCMonth() + 1)}.${two(d.getUTCFullYear() % 100)}`,
    ),
  ),
  'zone time': fc
    .tuple(day, fc.constantFrom('Z', '', '+02:00', ' EST'))
    .map(([n, zone]) => `${dateText(n, (d) => d.toISOString().slice(0, 10))}T10:30:00${zone}`),
  'local day': day.map((n) => `${dateText(n, (d) => d.toISOString().slice(0, 10))}T00:00:00+02:00`),
  'zero date': fc.oneof(
    { weight: 5, arbitrary: day.map((n) => dateText(n, (d) => d.toISOString().slice(0, 10))) },
    { weight: 1, arbitrary: fc.constant('0000-00-00') },
  ),
  half: fc.integer({ min: 0, max: 60 }).map((h) => `H${(h % 2) + 1} ${1990 + Math.floor(h / 2)}`),
  flagged: fc.tuple(number, fc.constantFrom('', '', '', ' p', ' e', '¹')).map(([text, sign]) => text + sign),
  shares: fc.oneof(
    fc.integer({ min: 2, max: 99 }).map((value) => `${value} %`),
    fc.integer({ min: 1, max: 99 }).map((value) => `0.${two(value)}`),
  ),
  error: fc.tuple(fc.nat(99), fc.nat(9)).map(([value, error]) => `${value}.5 ± 0.${error}`),
  count: fc.tuple(fc.nat(99), fc.nat(99)).map(([value, share]) => `${value} (${share}%)`),
  latitude: fc
    .tuple(fc.nat(89), fc.nat(59), fc.constantFrom('N', 'S'))
    .map(([degrees, minutes, sky]) => `${degrees}°${minutes}'${sky}`),
  open: fc.oneof(fc.nat(99).map(String), fc.constantFrom('90+', 'less than 5', '~7')),
  decimals: fc.tuple(fc.nat(99), fc.constantFrom('.', ',')).map(([value, sign]) => `${value}${sign}5`),
  arabic: fc
    .nat(999)
    .map((value) => String(value).replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)))),
  quoted: fc.nat(999).map((value) => `="0${value}"`),
  unseen: number.map((text) => `\u200e${text}`),
  tick: fc.constantFrom('x', ''),
  letter: fc.constantFrom('Y', 'N'),
  flag: fc.constantFrom('yes', 'no'),
  'binary flag': fc.boolean(),
  city: fc.constantFrom('Berlin', 'Paris', 'berlin', 'Rome '),
  country: fc.constantFrom('NA', 'ZA', 'BW', 'DE'),
  zip: fc.nat(99_999).map((value) => String(value).padStart(5, '0')),
  note: fc.string(),
  nothing: fc.constant(''),
  anything: fc.oneof(fc.string(), fc.double(), fc.boolean(), number),
}

const mark = fc.constantFrom<RawCell>(
  null,
  '',
  'NA',
  'n/a',
  '.',
  'None',
  'inf',
  '-',
  Number.NaN,
  Number.POSITIVE_INFINITY,
)

const column = fc.constantFrom(...Object.keys(KINDS)).chain((name) =>
  fc.record({
    name: fc.constant(name),
    cells: fc.array(fc.oneof({ weight: 12, arbitrary: KINDS[name]! }, { weight: 1, arbitrary: mark }), {
      minLength: 1,
      maxLength: 80,
    }),
  }),
)

t.test('the reader of a column gives its values, its bounds and what is malformed in it', async (t) => {
  const kinds = new Set<string>()
  fc.assert(
    fc.property(column, ({ name, cells }) => {
      const { column: read, read: readCell } = inferColumn(name, cells)
      kinds.add(read.kind)
      const readings = cells.map(readCell)
      const values = readings.map((reading) => (reading === 'malformed' ? null : reading.value))
      const malformed = readings.filter((reading) => reading === 'malformed').length
      const below = rowsOf(readings, 'below')
      const above = rowsOf(readings, 'above')
      if (!isDeepStrictEqual(values, read.values)) throw new Error(`${values} are not ${read.values}`)
      if (malformed !== read.malformedCount)
        throw new Error(`${malformed} of ${read.malformedCount} malformed`)
      const { censored = { below: [], above: [] } } = read
      if (String([below, above]) !== String([censored.below, censored.above]))
        throw new Error('bounds differ')
    }),
    { numRuns: 600 },
  )
  t.strictSame([...kinds].sort(), ['boolean', 'category', 'empty', 'number', 'temporal', 'text'])
})

function rowsOf(
  readings: readonly ReturnType<ReturnType<typeof inferColumn>['read']>[],
  side: 'below' | 'above',
): number[] {
  return readings.flatMap((reading, i) => (reading !== 'malformed' && reading.bound === side ? [i + 1] : []))
}
