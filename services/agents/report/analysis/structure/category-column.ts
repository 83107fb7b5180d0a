import type { ColumnRole } from '#schemas/analysis.ts'
import type { Column } from '#schemas/document.ts'

/** A column of few values, as numbers of groups. */
export interface CategoryColumn {
  name: string
  kind: Column['kind']
  role: ColumnRole
  /** Group of each row, −1 where missing. */
  groups: Int32Array
  /** Name of each group, most frequent first. */
  names: string[]
  counts: number[]
  missing: number
}

/** Groups the rows by value; whatever kind the values are of. */
export function categoryColumn({ name, kind, values }: Column, role: ColumnRole): CategoryColumn {
  const counts = new Map<Column['values'][number], number>()
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1)
  const byName = new Map<string, number>()
  for (const [value, count] of counts) byName.set(String(value), (byName.get(String(value)) ?? 0) + count)
  const sorted = [...byName].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const groupOf = new Map(sorted.map(([value], i) => [value, i]))
  const groupOfValue = new Map([...counts.keys()].map((value) => [value, groupOf.get(String(value))!]))
  const groups = Int32Array.from(values, (value) => (value === null ? -1 : groupOfValue.get(value)!))
  return {
    name,
    kind,
    role,
    groups,
    names: sorted.map(([value]) => value),
    counts: sorted.map(([, count]) => count),
    missing: groups.reduce((sum, group) => sum + (group < 0 ? 1 : 0), 0),
  }
}
