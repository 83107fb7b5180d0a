import type { Analysis, ColumnFinding } from '#schemas/analysis.ts'
import type { DataQuality } from '#schemas/report.ts'

/** What is wrong with the data, as far as the analysis knows. */
export function dataQualityOf(analysis: Analysis): DataQuality {
  return {
    rejected: analysis.documents.flatMap(({ name, problem }) =>
      problem ? { document: name, code: problem.code, message: problem.message } : [],
    ),
    missing: analysis.columns.flatMap(missingOf).sort((a, b) => b.share - a.share),
    insightIds: analysis.insights.filter(({ kind }) => kind === 'quality').map(({ id }) => id),
    notes: analysis.documents.flatMap(({ name, notes }) => notes.map((note) => ({ document: name, note }))),
  }
}

function missingOf({ document, table, column, numeric, category }: ColumnFinding): DataQuality['missing'] {
  const summary = numeric ?? category
  if (!summary || summary.missing === 0) return []
  const rows = summary.count + summary.missing
  return [{ document, table, column, missing: summary.missing, rows, share: summary.missing / rows }]
}
