import type { JsonValue } from '#schemas/json.ts'

/** How the values of a column are to be written, where their type alone does not say it. */
export type CellForm = 'plain' | 'date' | 'time-ms' | 'time-us' | 'time-ns'

const TICKS_PER_SECOND = { 'time-ms': 1_000, 'time-us': 1_000_000, 'time-ns': 1_000_000_000 } as const

/** A value of a Parquet column as JSON has it: whole numbers beyond 2^53 as digits, points in time as ISO 8601. Pure. */
export function jsonCell(value: unknown, form: CellForm = 'plain'): JsonValue {
  switch (typeof value) {
    case 'bigint':
      if (form in TICKS_PER_SECOND) return timeText(Number(value), form)
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
        ? Number(value)
        : value.toString()
    case 'number':
      return form in TICKS_PER_SECOND ? timeText(value, form) : value
    case 'string':
    case 'boolean':
      return value
    case 'object':
      return value === null ? null : jsonObject(value, form)
    default:
      return null
  }
}

function jsonObject(value: object, form: CellForm): JsonValue {
  if (value instanceof Date) return instantText(value, form)
  if (value instanceof Uint8Array) return null
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return Array.from(value as ArrayLike<unknown>, (each) => jsonCell(each))
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, jsonCell(each)]))
}

function instantText(value: Date, form: CellForm): string | null {
  if (Number.isNaN(value.getTime())) return null
  const iso = value.toISOString()
  return form === 'date' ? iso.slice(0, -'T00:00:00.000Z'.length) : iso
}

function timeText(ticks: number, form: CellForm): string {
  // Cut off, never rounded: the last moment of a day would be the first of the next, which a time of day cannot tell.
  const seconds = Math.floor(ticks / TICKS_PER_SECOND[form as keyof typeof TICKS_PER_SECOND])
  return new Date(seconds * 1000).toISOString().slice(11, 19)
}

const SINGLE_DIGITS = [6, 7, 8]

/** The shortest decimal number that has this single-precision one: 0.1, not 0.10000000149011612. Pure. */
export function singleAsDecimal(value: number): number {
  for (const digits of SINGLE_DIGITS) {
    const decimal = Number(value.toPrecision(digits))
    if (Math.fround(decimal) === value) return decimal
  }
  return value
}
