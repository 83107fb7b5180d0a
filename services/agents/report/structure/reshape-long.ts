import type { Column, Table } from '#schemas/document.ts'
import { categoryColumn } from './category-column.ts'
import { nameTokens } from './name-tokens.ts'
import type { ReshapedTable } from './reshaped-table.ts'

const MEASURE_NAME =
  /^(measure|variable|indicator|indicatorname|metric|metrics|parameter|attribute|kpi|statistic|element|analyte|variablename|measurename|metricname|seriesname|measurement|characteristic)$/
/** Amounts of different things: a column of these words says what each value is, whatever it is called. */
const QUANTITY =
  /^(temperature|temp|humidity|pressure|wind|windspeed|speed|rain|rainfall|precipitation|snow|snowfall|radiation|sunshine|visibility|co2|co|no2|o3|so2|pm10|pm25|ph|turbidity|salinity|conductivity|voltage|current|power|energy|frequency|revenue|turnover|cost|costs|expenses|profit|sales|price|income|population|gdp|inflation|unemployment|exports|imports|height|weight|bmi|pulse|spo2|glucose|cholesterol|haemoglobin|hemoglobin|sodium|potassium|creatinine|systolic|diastolic|births|deaths|marriages|temperatur|luftdruck|luftfeuchte|niederschlag|umsatz|kosten|gewinn)$/
const VALUE_NAME = /^(value|values|val|obsvalue|result|reading|wert|amount|figure|measurementvalue)$/
const MAX_MEASURES = 50
/** Share of the cells of the result that must have a row, and of rows that must have a cell of their own. */
const MIN_FILLED = 0.5
const MIN_UNIQUE = 0.98

/**
 * A table whose rows each hold one value of one measure (`indicator`, `value`) becomes one with a column for each measure. Columns that
 * go with the measure (its unit) are left out, the others are the key. Null where the key does not tell rows apart. Pure.
 */
export function reshapeLong(table: Table): ReshapedTable | null {
  const categories = table.columns.filter(({ kind }) => kind === 'category')
  const measure =
    only(categories, ({ name }) => MEASURE_NAME.test(nameTokens(name).join(''))) ??
    only(categories, namesQuantities)
  const value = only(
    table.columns,
    ({ name, kind }) => kind === 'number' && VALUE_NAME.test(nameTokens(name).join('')),
  )
  if (!measure || !value) return null
  const { groups, names } = categoryColumn(measure, 'category')
  const keys = table.columns.filter(
    (column) => column !== measure && column !== value && !goesWith(column, groups, names.length),
  )
  const isWide = keys.some(({ kind }) => kind === 'number' && keys.length > MAX_MEASURES)
  if (names.length < 2 || names.length > MAX_MEASURES || keys.length === 0 || isWide) return null
  const cells = pivotCells({ keys, groups, count: names.length })
  return cells && pivoted({ table, keys, names, value, cells })
}

/** Whether all values of a column are words for amounts, each of another thing. */
function namesQuantities({ values }: Column): boolean {
  const names = new Set(values)
  names.delete(null)
  if (names.size < 2 || names.size > MAX_MEASURES) return false
  return [...names].every((name) => {
    const [word = ''] = nameTokens(String(name))
    return QUANTITY.test(word) || QUANTITY.test(nameTokens(String(name)).join(''))
  })
}

/** The one column of the sort; several leave it open. */
function only(columns: readonly Column[], is: (column: Column) => boolean): Column | undefined {
  const found = columns.filter(is)
  return found.length === 1 ? found[0] : undefined
}

/** Whether a column says the same in all rows of a measure: its unit, its long name. */
function goesWith({ values }: Column, groups: Int32Array, count: number): boolean {
  const seen = new Array<Column['values'][number] | undefined>(count)
  for (let row = 0; row < groups.length; row++) {
    const group = groups[row]!
    if (group < 0) continue
    if (seen[group] === undefined) seen[group] = values[row]!
    else if (seen[group] !== values[row]) return false
  }
  // What never changes at all belongs to the key as well as to the measure.
  return new Set(seen).size > 1
}

interface PivotCells {
  /** First row of each key, 0-based, in order. */
  firstRows: number[]
  /** Row of the source by key and measure, −1 where there is none. */
  at: Int32Array
}

function pivotCells({
  keys,
  groups,
  count,
}: {
  keys: readonly Column[]
  groups: Int32Array
  count: number
}): PivotCells | null {
  const keyNumbers = new Map<string, number>()
  const firstRows: number[] = []
  const keyOf = Array.from(groups, (_, row) => {
    const key = JSON.stringify(keys.map(({ values }) => values[row] ?? null))
    const known = keyNumbers.get(key)
    if (known !== undefined) return known
    keyNumbers.set(key, firstRows.length)
    return firstRows.push(row) - 1
  })
  if (groups.length < MIN_FILLED * firstRows.length * count) return null
  const at = new Int32Array(firstRows.length * count).fill(-1)
  let taken = 0
  for (let row = 0; row < groups.length; row++) {
    if (groups[row]! < 0) continue
    const cell = keyOf[row]! * count + groups[row]!
    if (at[cell] === -1) {
      at[cell] = row
      taken++
    }
  }
  return taken >= MIN_UNIQUE * groups.length ? { firstRows, at } : null
}

interface Pivot {
  table: Table
  keys: Column[]
  names: string[]
  value: Column
  cells: PivotCells
}

function pivoted({ table, keys, names, value, cells: { firstRows, at } }: Pivot): ReshapedTable {
  const keyColumns = keys.map(
    (column): Column => ({ ...column, values: firstRows.map((row) => column.values[row] ?? null) }),
  )
  const taken = new Set(keys.map(({ name }) => name))
  const measures = names.map(
    (name, group): Column => ({
      name: taken.has(name) ? `${name} (${value.name})` : name,
      kind: 'number',
      values: firstRows.map((_, key) => {
        const row = at[key * names.length + group]!
        return row < 0 ? null : (value.values[row] ?? null)
      }),
      malformed: [],
      malformedCount: 0,
    }),
  )
  const shown = names.slice(0, 5).map((name) => `"${name}"`)
  const list =
    names.length > shown.length
      ? `${shown.join(', ')} and ${names.length - shown.length} more`
      : shown.join(', ')
  return {
    kind: 'long',
    table: { ...table, rows: firstRows.length, columns: [...keyColumns, ...measures] },
    note: `Each row held one value of one measure; they were read as ${names.length} columns: ${list}.`,
    sourceRow: (row) => firstRows[row]! + 1,
  }
}
