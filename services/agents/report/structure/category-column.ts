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
  // One look-up a row: provisional numbers by first sight, renumbered at the end.
  const seen = new Map<Column['values'][number], number>()
  const names: string[] = []
  const counts: number[] = []
  const provisional = new Int32Array(values.length)
  const byName = new Map<string, number>()
  let missing = 0
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    if (value === null) {
      provisional[row] = -1
      missing++
      continue
    }
    let group = seen.get(value)
    if (group === undefined) {
      const text = String(value)
      group = byName.get(text) ?? names.push(text) - 1
      byName.set(text, group)
      seen.set(value, group)
    }
    counts[group] = (counts[group] ?? 0) + 1
    provisional[row] = group
  }
  const order = [...names.keys()].sort((a, b) => counts[b]! - counts[a]! || (names[a]! < names[b]! ? -1 : 1))
  const place = new Int32Array(names.length)
  order.forEach((group, i) => {
    place[group] = i
  })
  return {
    name,
    kind,
    role,
    groups: provisional.map((group) => (group < 0 ? -1 : place[group]!)),
    names: order.map((group) => names[group]!),
    counts: order.map((group) => counts[group]!),
    missing,
  }
}
