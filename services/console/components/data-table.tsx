import { type KeyboardEvent, memo, type ReactNode, useEffect, useRef, useState } from 'react'
import { useRowWindow } from './use-row-window.ts'

export interface Column<Row> {
  readonly id: string
  readonly title: string
  /** A track of a CSS grid: `120px`, `minmax(160px, 2fr)`. */
  readonly width: string
  readonly align?: 'end'
  /** Left out where the screen is as narrow as a telephone. */
  readonly isWide?: boolean
  readonly cell: (row: Row) => ReactNode
}

export interface DataTableProps<Row> {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  /** How many rows there are, loaded or not. */
  readonly count: number
  /** Undefined: not loaded (any more); `onRange` asks for it. */
  readonly rowAt: (index: number) => Row | undefined
  readonly keyOf: (row: Row) => string
  /** Which rows are drawn, whenever that changes. */
  readonly onRange?: (first: number, last: number) => void
  readonly onOpen?: (row: Row) => void
  /** With it, rows can be selected: `x`, Space, and Shift for all from the last one. */
  readonly selected?: ReadonlySet<string>
  readonly onSelect?: (keys: ReadonlySet<string>) => void
  /** Shown below the last row. */
  readonly footer?: ReactNode
  readonly empty?: ReactNode
  /** Pixels; the token `--row` fits a line of text. */
  readonly rowHeight?: number
}

/**
 * A table of any length, of which what is seen is drawn: as a grid of ARIA, with one row in the order of Tab, and arrows, `j`, `k`, Home, End,
 * PageUp, PageDown, Enter and `x` from there.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, count, rowAt, keyOf, onRange, selected, onSelect, footer, empty } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState(0)
  const lastSelected = useRef(0)
  const rowHeight = props.rowHeight ?? tokenPixels('--row', 34)
  const keyAt = (index: number) => {
    const row = rowAt(index)
    return row === undefined ? undefined : keyOf(row)
  }
  const rows = useRowWindow(scroller, { count, rowHeight, keyAt })
  const { first } = rows
  const last = Math.max(first, rows.last)
  useEffect(() => onRange?.(first, last), [first, last, onRange])
  const at = Math.min(active, Math.max(0, count - 1))
  const focusRow = (index: number) => {
    const next = Math.max(0, Math.min(count - 1, index))
    setActive(next)
    rows.scrollTo(next)
    // Drawn by then: rows that are not seen are not there.
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus({ preventScroll: true }),
    )
  }
  const select = (index: number, isRange: boolean) => {
    if (!onSelect || !selected) return
    const next = new Set(selected)
    const [from, to] = isRange ? [lastSelected.current, index].toSorted((a, b) => a - b) : [index, index]
    const row = rowAt(index)
    const isOn = isRange || (row !== undefined && !selected.has(keyOf(row)))
    for (let each = from!; each <= to!; each++) {
      const found = rowAt(each)
      if (found === undefined) continue
      if (isOn) next.add(keyOf(found))
      else next.delete(keyOf(found))
    }
    lastSelected.current = index
    onSelect(next)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 1)
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      j: at + 1,
      ArrowUp: at - 1,
      k: at - 1,
      Home: 0,
      End: count - 1,
      PageDown: at + page,
      PageUp: at - page,
    }
    const row = rowAt(at)
    const move = moves[event.key]
    if (move !== undefined) focusRow(move)
    else if (
      event.key === 'Enter' &&
      row !== undefined &&
      event.target === event.currentTarget.querySelector(`[data-index="${at}"]`)
    )
      props.onOpen?.(row)
    else if (onSelect && (event.key.toLowerCase() === 'x' || event.key === ' ')) select(at, event.shiftKey)
    else if (onSelect && event.key === 'Escape') onSelect(new Set())
    else return
    event.preventDefault()
  }
  const template = [...(onSelect ? ['34px'] : []), ...columns.map(({ width }) => width)].join(' ')
  const narrow = [
    ...(onSelect ? ['34px'] : []),
    ...columns.filter(({ isWide }) => !isWide).map(({ width }) => width),
  ].join(' ')
  return (
    <div
      className="table"
      role="grid"
      aria-label={label}
      aria-rowcount={count + 1}
      aria-multiselectable={onSelect ? true : undefined}
      ref={scroller}
      onKeyDown={onKeyDown}
      tabIndex={count === 0 ? 0 : -1}
      style={{ '--columns': template, '--columns-narrow': narrow } as React.CSSProperties}
    >
      <div className="table-head" role="row" aria-rowindex={1}>
        {onSelect && (
          <span role="columnheader">
            <span className="sr-only">Selected</span>
          </span>
        )}
        {columns.map(({ id, title, align, isWide }) => (
          <span key={id} role="columnheader" className={cellClass(align, isWide)}>
            {title}
          </span>
        ))}
      </div>
      {count === 0 ? (
        <div role="row">
          <div role="gridcell">{empty}</div>
        </div>
      ) : (
        <div className="table-body" role="presentation" style={{ height: rows.height }}>
          {Array.from({ length: rows.last - first + 1 }, (_, place) => {
            const index = first + place
            const row = rowAt(index)
            const key = row === undefined ? undefined : keyOf(row)
            const isSelected = key !== undefined && (selected?.has(key) ?? false)
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys
              <div
                key={key ?? `empty ${index}`}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={onSelect ? isSelected : undefined}
                data-index={index}
                data-key={key}
                className="table-row"
                tabIndex={index === at ? 0 : -1}
                style={{ height: rowHeight, transform: `translateY(${rows.top(index)}px)` }}
                onFocus={() => setActive(index)}
                onClick={(event) => {
                  if (row === undefined || (event.target as Element).closest('a, button, input')) return
                  setActive(index)
                  if (event.shiftKey && onSelect) select(index, true)
                  else props.onOpen?.(row)
                }}
              >
                {onSelect && (
                  <span role="gridcell" className="table-check">
                    <input
                      type="checkbox"
                      tabIndex={-1}
                      aria-label={`Select ${key ?? 'row'}`}
                      checked={isSelected}
                      onChange={() => undefined}
                      onClick={(event) => select(index, event.shiftKey)}
                    />
                  </span>
                )}
                <Cells columns={columns} row={row} />
              </div>
            )
          })}
        </div>
      )}
      {footer && <div className="table-footer">{footer}</div>}
    </div>
  )
}

/** Drawn again when the row has changed, and not when it has only moved. */
const Cells = memo(function Cells<Row>({
  columns,
  row,
}: {
  columns: readonly Column<Row>[]
  row: Row | undefined
}) {
  return columns.map(({ id, align, isWide, cell }) => (
    <span key={id} role="gridcell" className={cellClass(align, isWide)}>
      {row === undefined ? <span className="bone" /> : cell(row)}
    </span>
  ))
}) as <Row>(props: { columns: readonly Column<Row>[]; row: Row | undefined }) => ReactNode

function cellClass(align: 'end' | undefined, isWide: boolean | undefined): string {
  return `cell${align === 'end' ? ' end' : ''}${isWide ? ' wide' : ''}`
}

/** The value of a token in pixels. */
function tokenPixels(name: string, fallback: number): number {
  const value = Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue(name))
  return Number.isFinite(value) ? value : fallback
}
