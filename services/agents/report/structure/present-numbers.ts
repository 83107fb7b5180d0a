import { type Ranking, rank } from '#platform/statistics/rank.ts'
import { valuesAt } from '#platform/statistics/values-at.ts'
import type { Column } from '#schemas/document.ts'

/** The finite numbers of a column, and how they order: found once for all that ask. */
export interface PresentNumbers {
  /** In row order. */
  values: Float64Array
  /** 0-based row of each. */
  rows: Uint32Array
  /** Of `values`; computed at the first call, then kept. */
  ranking(): Ranking
  /** `values` in ascending order. */
  sorted(): Float64Array
}

/** By the array itself: nobody changes a column that was read. */
const known = new WeakMap<Column['values'], PresentNumbers>()

/** Strings among the numbers count as missing. Pure. */
export function presentNumbers(values: Column['values']): PresentNumbers {
  const found = known.get(values) ?? numbersOf(values)
  known.set(values, found)
  return found
}

function numbersOf(all: Column['values']): PresentNumbers {
  const present = new Float64Array(all.length)
  const rows = new Uint32Array(all.length)
  let count = 0
  for (let row = 0; row < all.length; row++) {
    const value = all[row]
    if (typeof value !== 'number' || !Number.isFinite(value)) continue
    present[count] = value
    rows[count++] = row
  }
  const values = count === all.length ? present : present.slice(0, count)
  let ranking: Ranking | undefined
  let sorted: Float64Array | undefined
  const rankingOf = () => {
    ranking ??= rank(values)
    return ranking
  }
  return {
    values,
    rows: count === all.length ? rows : rows.slice(0, count),
    ranking: rankingOf,
    sorted() {
      sorted ??= valuesAt(values, rankingOf().order)
      return sorted
    },
  }
}
