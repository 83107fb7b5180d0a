import type { Analysis, ColumnFinding, TableStructure } from '#schemas/analysis.ts'
import type { DataQuality } from '#schemas/report.ts'
import { tableLabel } from './labels.ts'
import { countText } from './number-text.ts'

/** Everything that was cut, dropped, guessed or missed: of files, and of the tables in them. */
export function dataQualityOf(analysis: Analysis): DataQuality {
  const tables = analysis.tables ?? []
  const said = sayOnce()
  return {
    rejected: analysis.documents.flatMap(({ name, problem }) =>
      problem ? { document: name, code: problem.code, message: problem.message } : [],
    ),
    missing: analysis.columns.flatMap(missingOf).sort((a, b) => b.share - a.share),
    insightIds: analysis.insights.filter(({ kind }) => kind === 'quality').map(({ id }) => id),
    // Losses first: what is one is not repeated as a note.
    losses: [
      ...analysis.documents.flatMap(({ name, losses = [] }) =>
        losses.filter((loss) => said(name, loss)).map((loss) => ({ document: name, loss })),
      ),
      ...tables.flatMap((table) =>
        table.losses
          .filter((loss) => said(table.document, loss))
          .map((loss) => ({ ...placeOf(table), loss })),
      ),
    ],
    notes: [
      ...analysis.documents.flatMap(({ name, notes }) =>
        notes.filter((note) => said(name, note)).map((note) => ({ document: name, note })),
      ),
      ...tables.flatMap((table) =>
        [...table.notes, ...rowlessNote(table)]
          .filter((note) => said(table.document, note))
          .map((note) => ({ ...placeOf(table), note })),
      ),
    ],
  }
}

/** Whether nothing at all has to be said against the data. */
export function isSpotless(quality: DataQuality): boolean {
  const { rejected, missing, insightIds, notes, losses = [] } = quality
  return rejected.length + missing.length + insightIds.length + notes.length + losses.length === 0
}

/** A sentence about a document is kept the first time. */
function sayOnce(): (document: string, sentence: string) => boolean {
  const said = new Set<string>()
  return (document, sentence) => {
    const key = JSON.stringify([document, sentence])
    return !said.has(key) && said.add(key) !== undefined
  }
}

function placeOf({ document, table }: TableStructure): { document: string; table?: string } {
  return tableLabel({ document, table }) === undefined ? { document } : { document, table }
}

/** A table without rows says nothing, and that must be said. */
function rowlessNote({ rows, columns, notes }: TableStructure): string[] {
  if (rows > 0 || notes.some((note) => /\bno (data )?rows\b/i.test(note))) return []
  return [`The table has ${countText(columns, 'column')} and no rows.`]
}

/** Rows of a column's table and how many of them are without a value; undefined where nobody counted. */
export function missingCounts(
  column: Pick<ColumnFinding, 'rows' | 'missing' | 'numeric' | 'category'>,
): { rows: number; missing: number } | undefined {
  const summary = column.numeric ?? column.category
  const missing = column.missing ?? summary?.missing
  const rows = column.rows ?? (summary && summary.count + summary.missing)
  return missing === undefined || rows === undefined || rows === 0 ? undefined : { rows, missing }
}

function missingOf(column: ColumnFinding): DataQuality['missing'] {
  const counts = missingCounts(column)
  if (!counts || counts.missing === 0) return []
  const { document, table } = column
  return [{ document, table, column: column.column, ...counts, share: counts.missing / counts.rows }]
}
