import type { TableFindings } from '../findings/table-findings.ts'
import type { BrokenRule } from '../structure/table-constraints.ts'
import { columnProvenance, type InsightDraft, tableTitle } from './insight-draft.ts'
import { countText, listText, numberText, percentText } from './number-text.ts'

/** Of a rule that one row in thousands breaks. */
const STRENGTH = 0.97
/** What a tenth of the rows breaks is a rule no more. */
const LOSS_PER_SHARE = 3
const MAX_A_TABLE = 5
const SHOWN_ROWS = 3

/** Rules that nearly all rows keep and a few break: what an analyst asks the source about before anything else. */
export function constraintInsights(found: TableFindings): InsightDraft[] {
  return found.brokenRules.slice(0, MAX_A_TABLE).map((rule) => insightOf(found, rule))
}

function insightOf({ table }: TableFindings, rule: BrokenRule): InsightDraft {
  const { checked, violations, columns, fault } = rule
  const rows = rule.rows.map(table.sourceRow)
  const shown = [...rows.slice(0, SHOWN_ROWS).map(String), ...more(violations - SHOWN_ROWS)]
  const share = violations / checked
  return {
    kind: 'constraint',
    statement:
      `In ${numberText(violations)} of ${countText(checked, 'row')} of ${tableTitle(table)} ${fault} ` +
      `(${violations === 1 ? 'row' : 'rows'} ${listText(shown)}); the other ${percentText(1 - share)} keep ${rule.rule}.`,
    strength: STRENGTH - LOSS_PER_SHARE * share,
    evidence: { rule: rule.rule, checked, violations, firstRow: rows[0] ?? 0, ...valuesIn(table, rule) },
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
  if (row === undefined) return {}
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
