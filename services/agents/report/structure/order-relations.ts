import { rank } from '#platform/statistics/rank.ts'
import type { ColumnRelation } from './column-relation.ts'
import { nameTokens } from './name-tokens.ts'
import type { PanelEntities } from './panel-entities.ts'
import type { RowAxis } from './row-axis.ts'
import { MIN_CHECKED } from './row-check.ts'
import type { RowValues } from './row-values.ts'

/** Share of the rows that must follow. */
const MIN_KEPT = 0.99
const MAX_PROBES = 400
const RELATIVE_PRECISION = 1e-9
const MAX_TOLERANCE_SHARE = 0.05
/** Pairs grow with the square. */
const MAX_COLUMNS = 60

/** A row and the one before it in time (of its entity). */
type Step = readonly [before: number, row: number]

interface Form {
  how: ColumnRelation['how']
  of(target: RowValues, source: RowValues, step: Step): { value: number; expected: number }
  tolerance(target: RowValues, source: RowValues): number
  words(target: string, source: string): string
}

const FORMS: readonly Form[] = [
  {
    how: 'running total',
    of: ({ at: t }, { at: s }, [before, row]) => ({ value: t[row]! - t[before]!, expected: s[row]! }),
    tolerance: (target, source) => 2 * target.rounding + source.rounding,
    words: (target, source) => `${target} is the running total of ${source}`,
  },
  {
    how: 'change',
    of: ({ at: t }, { at: s }, [before, row]) => ({ value: t[row]!, expected: s[row]! - s[before]! }),
    tolerance: (target, source) => target.rounding + 2 * source.rounding,
    words: (target, source) => `${target} is the change of ${source} from row to row`,
  },
  {
    how: 'lag',
    of: ({ at: t }, { at: s }, [before, row]) => ({ value: t[row]!, expected: s[before]! }),
    tolerance: (target, source) => target.rounding + source.rounding,
    words: (target, source) => `${target} is ${source} of the row before`,
  },
  ...([1, 100] as const).map(
    (factor): Form => ({
      how: 'growth',
      of: ({ at: t }, { at: s }, [before, row]) => ({
        value: t[row]!,
        expected: factor * (s[row]! / s[before]! - 1),
      }),
      tolerance: (target) => target.rounding,
      words: (target, source) => `${target} is the relative change of ${source} from row to row`,
    }),
  ),
]

/**
 * Columns that follow from another by the order of rows: running totals, changes and growth from row to row, values of the row before.
 * In order of the axis, by entity; without an axis in row order. Pure.
 */
export function orderRelations(
  all: readonly RowValues[],
  { axis, entities }: { axis: RowAxis | null; entities: PanelEntities | null },
): ColumnRelation[] {
  const columns = all.filter(({ spread }) => spread > 0).slice(0, MAX_COLUMNS)
  if (columns.length < 2) return []
  const steps = stepsOf(columns[0]!.at.length, axis, entities)
  return columns.flatMap((target) => {
    for (const source of columns) {
      if (source === target) continue
      const form = FORMS.find((candidate) => follows(target, source, { form: candidate, steps }))
      if (!form || !isNamedSo(form, target, source)) continue
      const rule = form.words(target.name, source.name)
      const check = { checked: steps.length, violations: 0, rows: [] }
      return [{ target: target.name, sources: [source.name], how: form.how, rule, ...check }]
    }
    return []
  })
}

const CHANGE_WORDS =
  /^(change|changes|diff|difference|delta|increment|growth|return|returns|move|pct|percent|mom|yoy|qoq|rate)$/

/** A change and a running total are each other's: the name tells which was reckoned, else it is the total. */
function isNamedSo({ how }: Form, target: RowValues, source: RowValues): boolean {
  const isChange = (name: string) => nameTokens(name).some((token) => CHANGE_WORDS.test(token))
  if (how === 'change') return isChange(target.name)
  return how !== 'running total' || !isChange(source.name)
}

/** Evenly spread, up to 400. */
function stepsOf(rows: number, axis: RowAxis | null, entities: PanelEntities | null): Step[] {
  const series = entities?.rows ?? [
    axis ? rank(axis.at).order : Uint32Array.from({ length: rows }, (_, row) => row),
  ]
  const all: Step[] = series.flatMap((members) =>
    Array.from(members.subarray(1), (row, i): Step => [members[i]!, row]),
  )
  const stride = Math.max(1, all.length / MAX_PROBES)
  return Array.from({ length: Math.min(all.length, MAX_PROBES) }, (_, i) => all[Math.floor(i * stride)]!)
}

function follows(
  target: RowValues,
  source: RowValues,
  { form, steps }: { form: Form; steps: readonly Step[] },
): boolean {
  const tolerance = form.tolerance(target, source)
  if (
    tolerance >
    MAX_TOLERANCE_SHARE *
      Math.min(target.spread, form.how === 'running total' ? source.spread : target.spread)
  )
    return false
  const allowed = (1 - MIN_KEPT) * steps.length
  let [checked, failures, moved] = [0, 0, 0]
  for (const step of steps) {
    const { value, expected } = form.of(target, source, step)
    if (!Number.isFinite(value) || !Number.isFinite(expected)) continue
    checked++
    if (expected !== 0) moved++
    const size = Math.max(Math.abs(target.at[step[1]]!), Math.abs(source.at[step[1]]!))
    if (Math.abs(value - expected) > 1.01 * tolerance + RELATIVE_PRECISION * size && ++failures > allowed)
      return false
  }
  return checked >= MIN_CHECKED && 2 * moved >= checked
}
