import './plain-table.css'
import type { ReactNode } from 'react'
import type { Column } from './data-table.tsx'

/** A short table, drawn whole: what grows with the load belongs into a `DataTable`. The first cell of a row names it. */
export function PlainTable<Row>({
  label,
  columns,
  rows,
  keyOf,
  selectedKey,
  empty,
}: {
  label: string
  columns: readonly Omit<Column<Row>, 'width'>[]
  rows: readonly Row[]
  keyOf: (row: Row) => string
  /** The row that is shown beside. */
  selectedKey?: string | undefined
  empty?: ReactNode
}) {
  if (rows.length === 0 && empty) return <div className="card">{empty}</div>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is wider than the screen is scrolled with the keyboard
    <section className="short-table card" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map(({ id, title, align, isWide }) => (
              <th key={id} scope="col" className={classOf(align, isWide)}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = keyOf(row)
            return (
              <tr key={key} data-key={key} aria-current={key === selectedKey || undefined}>
                {columns.map(({ id, align, isWide, cell }) => (
                  <td key={id} className={classOf(align, isWide)}>
                    {cell(row)}
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

function classOf(align: 'end' | undefined, isWide: boolean | undefined): string | undefined {
  const classes = [align === 'end' && 'end', isWide && 'wide'].filter(Boolean)
  return classes.length > 0 ? classes.join(' ') : undefined
}
