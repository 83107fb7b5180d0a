/** What a column of numbers is to its table. Only measures are looked at for trends, anomalies and relations. */
export type ColumnRole = 'measure' | 'identifier' | 'calendar' | 'year'

const IDENTIFIER_NAME =
  /(^|[\s_-])(id|ids|uuid|nr|no|num|number|index|idx|row|key|code|zip|plz|postcode|phone|sku)$|[a-z](Id|ID|Nr|No|Key|Code)$|^(row|line|record)[\s_-]?(id|nr|no|number)?$|^$|^unnamed/i
const CALENDAR_NAME = /^(month|day|weekday|hour|minute|quarter|week|dayofweek|day_of_week|week_?number)$/i
const YEAR_NAME = /(^|[\s_-])(year|jahr)$/i

/**
 * Tells measures from numbers that only name or count rows: 0, 1, 2 … or 1, 2, 3 … in row order; whole numbers, nearly
 * all different, under a name like `customer_id`; parts of a date.
 *
 * @param values without missing ones, in row order
 */
export function columnRole(name: string, values: Float64Array): ColumnRole {
  if (values.length === 0 || !values.every(Number.isInteger)) return 'measure'
  const trimmed = name.trim()
  if (YEAR_NAME.test(trimmed) && values.every((year) => year >= 1500 && year <= 2500)) return 'year'
  if (CALENDAR_NAME.test(trimmed) && values.every((part) => part >= 0 && part <= 60)) return 'calendar'
  if (countsRows(values)) return 'identifier'
  return IDENTIFIER_NAME.test(trimmed) && mostlyDistinct(values) ? 'identifier' : 'measure'
}

function countsRows(values: Float64Array): boolean {
  const first = values[0]!
  return values.length > 2 && (first === 0 || first === 1) && values.every((value, i) => value === first + i)
}

function mostlyDistinct(values: Float64Array): boolean {
  return new Set(values).size >= 0.95 * values.length
}
