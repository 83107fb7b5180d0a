import type { NumericColumn } from './numeric-column.ts'

/** A column of numbers by row, for comparing columns with each other. */
export interface RowValues {
  name: string
  /** Place among the columns of the table. */
  index: number
  /** NaN where missing. */
  at: Float64Array
  /**
   * Half a unit of the last place that values are written with: what rounding may have moved them by. 0 for whole numbers, and for
   * values in full precision.
   */
  rounding: number
  /** 9th less 1st decile of the probes. */
  spread: number
}

/** Rows looked at while rules are sought; what is found is then checked in all rows. */
const PROBES = 400
/** Values with more decimals were computed, not rounded. */
const MAX_DECIMALS = 9

/** Evenly spread rows, all of them up to 400. Pure. */
export function probeRows(rows: number): Uint32Array {
  const count = Math.min(rows, PROBES)
  const probes = new Uint32Array(count)
  for (let i = 0; i < count; i++) probes[i] = Math.floor((i * rows) / count)
  return probes
}

/** Pure. */
export function rowValues(
  column: NumericColumn,
  { index, rows }: { index: number; rows: number },
): RowValues {
  const at = new Float64Array(rows).fill(Number.NaN)
  for (let i = 0; i < column.rows.length; i++) at[column.rows[i]!] = column.values[i]!
  const probes = [...probeRows(rows)].map((row) => at[row]!).filter(Number.isFinite)
  const decimals = probes.reduce((most, value) => Math.max(most, decimalsOf(value)), 0)
  const sorted = probes.toSorted((a, b) => a - b)
  const decile = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0
  return {
    name: column.name,
    index,
    at,
    rounding: decimals === 0 || decimals > MAX_DECIMALS ? 0 : 0.5 * 10 ** -decimals,
    spread: decile(0.9) - decile(0.1),
  }
}

function decimalsOf(value: number): number {
  const [digits, exponent] = String(value).split('e')
  const written = digits!.split('.')[1]?.length ?? 0
  return Math.max(0, written - Number(exponent ?? 0))
}
