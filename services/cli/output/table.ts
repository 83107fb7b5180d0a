import type { Paint } from './paint.ts'
import { displayWidth, pad, printable, truncate } from './terminal-text.ts'

/** A cell: its text, and how to paint it once it has its width. */
export interface Cell {
  text: string
  style?: keyof Paint | ((padded: string, paint: Paint) => string)
}

export interface TableColumn {
  title: string
  align?: 'left' | 'right'
  /** The column that gives way when the line is too long. */
  flexible?: boolean
}

export interface TableOptions {
  paint: Paint
  /** Columns of the terminal; unlimited when absent. */
  width?: number
  header?: boolean
}

const GAP = '  '
const MIN_FLEXIBLE_WIDTH = 8

/** Aligned lines, indented by two. The last column is not padded. */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly Cell[][],
  options: TableOptions,
): string[] {
  const { paint, header = true } = options
  const clean = rows.map((row) => row.map((cell) => ({ ...cell, text: printable(cell.text) })))
  const widths = columnWidths(columns, clean, options)
  const line = (cells: readonly Cell[]) => {
    const parts = columns.map((column, i) => {
      const { text = '', style } = cells[i] ?? {}
      const width = widths[i] ?? 0
      const fitting = truncate(text, width)
      const isOpen = i === columns.length - 1 && column.align !== 'right'
      const padded = isOpen ? fitting : pad(fitting, width, column.align)
      if (typeof style === 'function') return style(padded, paint)
      return style ? paint[style](padded) : padded
    })
    return `${GAP}${parts.join(GAP)}`.trimEnd()
  }
  const titles = columns.map((column): Cell => ({ text: column.title, style: 'dim' }))
  return [...(header ? [line(titles)] : []), ...clean.map(line)]
}

function columnWidths(
  columns: readonly TableColumn[],
  rows: readonly Cell[][],
  options: TableOptions,
): number[] {
  const titles =
    (options.header ?? true) ? columns.map((column) => displayWidth(column.title)) : columns.map(() => 0)
  const widths = columns.map((_, i) =>
    Math.max(titles[i]!, ...rows.map((row) => displayWidth(row[i]?.text ?? ''))),
  )
  const total = widths.reduce((sum, width) => sum + width + GAP.length, 0)
  const flexible = columns.findIndex((column) => column.flexible)
  if (options.width !== undefined && flexible >= 0 && total > options.width) {
    widths[flexible] = Math.max(MIN_FLEXIBLE_WIDTH, widths[flexible]! - (total - options.width))
  }
  return widths
}

/** Commands to try, one a line, each with what it is for. */
export function commandLines(commands: readonly [command: string, what: string][], paint: Paint): string[] {
  return renderTable(
    [{ title: 'command' }, { title: 'what' }],
    commands.map(([command, what]) => [
      { text: `npx murmur ${command}`, style: 'cyan' },
      { text: what, style: 'dim' },
    ]),
    { paint, header: false },
  )
}
