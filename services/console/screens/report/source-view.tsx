import { useEffect, useMemo, useRef } from 'react'
import type { Provenance } from '#schemas/analysis.ts'
import type { Report, ReportSource } from '#schemas/report.ts'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { toProblemError } from '../../data/problem.ts'
import { rowsText } from './provenance-text.ts'
import { columnAt, locateTable, rowsToShow, type SourceTable } from './source-rows.ts'
import { objectPath, useSource } from './use-report.ts'

/** Where a statement comes from: the file, the table, the column, and its rows as they stand in the file. */
export function SourceView({
  provenance,
  report,
  sources,
  onClose,
}: {
  provenance: Provenance
  report: Report
  sources: readonly ReportSource[]
  onClose: () => void
}) {
  const { document, table, column, rows, method } = provenance
  const source = sources.find(({ name }) => name === document)
  const text = useSource(source)
  const about = useMemo(() => tableOf(report, provenance), [report, provenance])
  const located = useMemo(
    () => (text.data !== undefined && about ? locateTable(text.data, about) : undefined),
    [text.data, about],
  )
  const head = useRef<HTMLHeadingElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever chose another place is taken there
  useEffect(() => {
    head.current?.focus()
  }, [provenance])
  return (
    <section className="card source" aria-label={`Source ${document}`}>
      <header className="row">
        <Icon name="file" />
        <h2 ref={head} tabIndex={-1}>
          {document}
        </h2>
        <span className="spring" />
        {source?.blob && (
          <a className="button small" href={objectPath(source.blob.blob)} download={document}>
            Download
          </a>
        )}
        <button type="button" className="icon-button" aria-label="Close the source" onClick={onClose}>
          <Icon name="x" />
        </button>
      </header>
      <dl className="fact-list">
        {table && (
          <div>
            <dt>Table</dt>
            <dd>{table}</dd>
          </div>
        )}
        {column && (
          <div>
            <dt>Column</dt>
            <dd>{column}</dd>
          </div>
        )}
        <div>
          <dt>Rows</dt>
          <dd>{rowsText(rows) ?? (about ? `all ${about.rows}` : 'all of it')}</dd>
        </div>
        <div>
          <dt>Method</dt>
          <dd>{method}</dd>
        </div>
      </dl>
      {!source && (
        <p className="dim">
          The file is part of another one that was submitted, so it can not be shown here.
        </p>
      )}
      {text.error && <ErrorPanel problem={toProblemError(text.error)} />}
      {located?.why && (
        <p className="dim" role="status">
          Which line a row is can not be told: {located.why}.
        </p>
      )}
      {located?.table ? (
        <Rows table={located.table} column={column} rows={rows ?? []} />
      ) : (
        text.data !== undefined && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled with the keyboard
          <pre className="source-text" tabIndex={0}>
            {text.data.slice(0, 200_000)}
          </pre>
        )
      )}
    </section>
  )
}

function Rows({
  table,
  column,
  rows,
}: {
  table: SourceTable
  column: string | undefined
  rows: readonly number[]
}) {
  const at = columnAt(table, column)
  const meant = new Set(rows)
  const first = useRef<HTMLTableRowElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: seen anew for other rows
  useEffect(() => {
    // Braces: newer browsers answer with a promise, which is no way to clean up.
    first.current?.scrollIntoView({ block: 'nearest' })
  }, [rows])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is wider than the screen is scrolled with the keyboard
    <section className="source-rows" aria-label="Rows of the file" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{table.place}</th>
            {table.columns.map((name, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns may have one name and never move
              <th key={index} scope="col" data-meant={index === at || undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rowsToShow(rows, table.rows.length).map((row, index) => {
            if (row === undefined)
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: a gap has no name
                <tr key={`gap ${index}`} className="source-gap">
                  <td colSpan={table.columns.length + 1}>⋯</td>
                </tr>
              )
            const { line, cells } = table.rows[row - 1]!
            const isMeant = meant.has(row)
            return (
              <tr
                key={row}
                data-row={row}
                aria-current={isMeant || undefined}
                ref={row === rows[0] ? first : undefined}
              >
                <th scope="row" title={`row ${row}`}>
                  {line}
                </th>
                {table.columns.map((_name, cell) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  <td key={cell} data-meant={cell === at || undefined}>
                    {cells[cell] ?? ''}
                  </td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}

/** What the report says of the table that a statement is about; undefined: it is about no table. */
function tableOf(
  { tables, columns }: Report,
  { document, table }: Provenance,
): { table: string; columns: string[]; rows: number } | undefined {
  const own = columns.filter((each) => each.document === document && each.table === (table ?? document))
  const rows =
    tables?.find((each) => each.document === document && each.table === (table ?? document))?.rows ??
    own[0]?.rows
  if (rows === undefined || own.length === 0) return undefined
  return { table: table ?? document, columns: own.map(({ column }) => column), rows }
}
