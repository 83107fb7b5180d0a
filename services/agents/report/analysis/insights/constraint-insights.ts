import type { BrokenRule } from '../../structure/table-constraints.ts'
import type { TableFindings } from '../findings/table-findings.ts'
import { columnProvenance, type InsightDraft, tableTitle } from './insight-draft.ts'
import { countText, listText, numberText } from './number-text.ts'

/** Of a rule that one row in thousands breaks. */
const STRENGTH = 0.97
/** What a tenth of the rows breaks is a rule no more. */
const LOSS_PER_SHARE = 3
const MAX_A_TABLE = 5
const SHOWN_ROWS = 3
const SHOWN_FAULTS = 2

/**
 * Rules that nearly all rows keep and a few break: what an analyst asks the source about before anything else. Rules broken by the
 * same rows are one fault and told once.
 */
export function constraintInsights(found: TableFindings): InsightDraft[] {
  const byRows = Map.groupBy(found.brokenRules, ({ violations, rows }) => `${violations}:${rows.join()}`)
  return [...byRows.values()].slice(0, MAX_A_TABLE).map((rules) => insightOf(found, rules))
}

/** The rule whose columns stand in most of the others comes first: `low ≤ high` before `low ≤ open`. */
function byCentrality(rules: readonly BrokenRule[]): BrokenRule[] {
  const uses = (name: string) => rules.filter(({ columns }) => columns.includes(name)).length
  const score = ({ columns }: BrokenRule) =>
    columns.reduce((sum, name) => sum + uses(name), 0) / columns.length
  return rules.toSorted((a, b) => score(b) - score(a))
}

function insightOf({ table }: TableFindings, group: readonly BrokenRule[]): InsightDraft {
  const rules = byCentrality(group)
  const first = rules[0]!
  const { checked, violations } = first
  const rows = first.rows.map(table.sourceRow)
  const shown = [...rows.slice(0, SHOWN_ROWS).map(String), ...more(violations - SHOWN_ROWS)]
  const share = violations / checked
  const faults = listText(
    rules.map(({ fault }) => fault),
    SHOWN_FAULTS,
  )
  const columns = [...new Set(rules.flatMap((rule) => rule.columns))]
  return {
    kind: 'constraint',
    statement:
      `In ${numberText(violations)} of ${countText(checked, 'row')} of ${tableTitle(table)} ${faults} ` +
      `(${violations === 1 ? 'row' : 'rows'} ${listText(shown, SHOWN_ROWS + 1)}); the other ${numberText(checked - violations)} keep ${first.rule}.`,
    strength: STRENGTH - LOSS_PER_SHARE * share,
    evidence: { rule: first.rule, checked, violations, firstRow: rows[0] ?? 0, ...valuesIn(table, first) },
    provenance: columns.map((column) =>
      columnProvenance(table, column, { method: 'check of every row', rows }),
    ),
  }
}

function more(hidden: number): string[] {
  return hidden > 0 ? [`${numberText(hidden)} more`] : []
}

/** What stands in the first row that breaks the rule. */
function valuesIn(
  table: TableFindings['table'],
  { columns, rows }: BrokenRule,
): Record<string, number | string> {
  const row = rows[0]
  // Of a table too large to be held that row is not here.
  if (row === undefined || table.source.whole) return {}
  return Object.fromEntries(
    columns.slice(0, 6).flatMap((name) => {
      const column = table.source.columns.find((candidate) => candidate.name === name)
      const value = column?.values[row]
      if (typeof value !== 'number') return []
      return [
        [`${name} there`, column!.kind === 'temporal' ? new Date(value).toISOString().slice(0, 16) : value],
      ]
    }),
  )
}
