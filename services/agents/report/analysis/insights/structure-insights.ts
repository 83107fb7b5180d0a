import type { TableFindings } from '../findings/table-findings.ts'
import { columnProvenance, type InsightDraft, tableTitle } from './insight-draft.ts'
import { countText, listText, numberText, percentText } from './number-text.ts'

const COPY_STRENGTH = 0.2
/** A gap is as remarkable as the share of the time that it leaves out. */
const GAP_STRENGTH = 0.15
const MAX_GAP_STRENGTH = 0.45
const SHOWN = 4

/** Columns that repeat others, and steps of the time without a row: one insight of each sort a table. */
export function structureInsights(found: TableFindings): InsightDraft[] {
  return [...redundantInsight(found), ...gapInsight(found)]
}

function redundantInsight({ table }: TableFindings): InsightDraft[] {
  const redundant = table.columns.filter(({ role, derivedFrom }) => role === 'derived' && derivedFrom)
  if (redundant.length === 0) return []
  const sayings = redundant.map(
    ({ name, derivedFrom }) => `${name} ${wordsOf(derivedFrom!.how)} ${derivedFrom!.columns.join(' and ')}`,
  )
  return [
    {
      kind: 'structure',
      statement: `${countText(redundant.length, 'column')} of ${tableTitle(table)} ${redundant.length === 1 ? 'adds' : 'add'} nothing to others: ${listText(sayings, SHOWN)}.`,
      strength: COPY_STRENGTH,
      evidence: { columns: redundant.length },
      provenance: redundant.map(({ name }) =>
        columnProvenance(table, name, { method: 'comparison of all rows' }),
      ),
    },
  ]
}

function wordsOf(how: string): string {
  switch (how) {
    case 'copy':
      return 'is a copy of'
    case 'code':
      return 'names the same groups as'
    case 'bins':
      return 'groups the values of'
    case 'running total':
      return 'is the running total of'
    case 'lag':
      return 'is, one row later, the same as'
    default:
      return 'is a linear function of'
  }
}

function gapInsight({ table }: TableFindings): InsightDraft[] {
  const { period, timeColumns } = table.structure
  if (!period || period.gaps === 0) return []
  const moments = new Set(table.timeMs ?? []).size
  const share = period.gaps / (period.gaps + moments)
  return [
    {
      kind: 'structure',
      statement: `The times of ${tableTitle(table)} have gaps: ${numberText(period.gaps)} of ${numberText(period.gaps + moments)} steps (${share < 0.001 ? 'under 0.1 %' : percentText(share)}) ${period.gaps === 1 ? 'has' : 'have'} no row.`,
      strength: Math.min(MAX_GAP_STRENGTH, GAP_STRENGTH + share),
      evidence: { gaps: period.gaps, moments },
      provenance: timeColumns.map((column) =>
        columnProvenance(table, column, { method: 'distances between neighbours' }),
      ),
    },
  ]
}
