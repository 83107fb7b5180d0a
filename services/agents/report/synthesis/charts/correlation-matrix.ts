import type { ReportCorrelation } from '#schemas/report.ts'
import { html, type Markup } from '../html/markup.ts'
import { columnLabel } from '../labels.ts'
import { coefficientText } from '../number-text.ts'
import { fitText, textWidth } from './label-layout.ts'

const FONT_PX = 12
const NUMBER_CELL_PX = 34

/** The columns of a table that correlate most, at most so many, in the order of their closest relation. */
export function matrixColumns(correlations: readonly ReportCorrelation[], max: number): string[] {
  const columns = new Set<string>()
  for (const { a, b } of correlations) {
    for (const column of [a, b]) if (columns.size < max) columns.add(column)
  }
  return [...columns]
}

/**
 * The lower triangle of a table's correlations as a heat map: colour for the sign, depth for the size, the coefficient
 * in the cell where it fits. Columns are headed by the letter that stands before the row's name, so nothing is rotated.
 */
export function correlationMatrix(
  correlations: readonly ReportCorrelation[],
  columns: readonly string[],
  width: number,
): Markup {
  const labelPx = labelWidth(columns, width)
  const cell = Math.floor(Math.min(58, (width - labelPx) / (columns.length - 1)))
  const pairs = new Map(correlations.map((pair) => [pairKey(pair.a, pair.b), pair]))
  const height = 22 + cell * (columns.length - 1)
  const natural = labelPx + cell * (columns.length - 1)
  const rows = columns.slice(1).map((row, index) => {
    const top = 22 + index * cell
    const name = `${letter(index + 1)}  ${columnLabel(row).label}`
    return html`<text class="row-name" x="0" y="${top + cell / 2 + 4}">${fitText(name, labelPx - 10, FONT_PX)}<title>${row}</title></text>${columns
      .slice(0, index + 1)
      .map((column, position) =>
        matrixCell(pairs.get(pairKey(row, column)), labelPx + position * cell, top, cell),
      )}`
  })
  const heads = columns
    .slice(0, -1)
    .map(
      (column, index) =>
        html`<text class="tick" x="${labelPx + (index + 0.5) * cell}" y="14" text-anchor="middle">${letter(index)}<title>${column}</title></text>`,
    )
  const firstName = fitText(`${letter(0)}  ${columnLabel(columns[0] ?? '').label}`, labelPx - 10, FONT_PX)
  return html`<svg class="matrix" viewBox="0 0 ${natural} ${height}" width="${natural}" height="${height}" role="img" aria-label="Correlations of ${columns.length} columns">
<text class="row-name" x="0" y="14">${firstName}<title>${columns[0]}</title></text>${heads}${rows}</svg>`
}

/** As wide as the longest name wants, as long as the cells keep the room for their numbers. */
function labelWidth(columns: readonly string[], width: number): number {
  const widest = Math.max(...columns.map((column) => textWidth(`M  ${columnLabel(column).label}`, FONT_PX)))
  const leftOver = width - (columns.length - 1) * (NUMBER_CELL_PX + 2)
  return Math.round(Math.min(widest + 14, Math.max(width * 0.3, leftOver)))
}

function matrixCell(pair: ReportCorrelation | undefined, x: number, y: number, size: number): Markup {
  if (!pair)
    return html`<text class="tick" x="${x + size / 2}" y="${y + size / 2 + 4}" text-anchor="middle">·</text>`
  const sign = pair.spearman >= 0 ? 'together' : 'opposite'
  const opacity = (Math.abs(pair.spearman) * 0.42).toFixed(2)
  const text = size >= NUMBER_CELL_PX && shortCoefficient(pair.spearman)
  return html`<g><title>${pair.plain}</title>
<rect class="cell ${sign}" x="${x + 1}" y="${y + 1}" width="${size - 2}" height="${size - 2}" rx="3" fill-opacity="${opacity}"/>${
    text
      ? html`<text class="cell-text" x="${x + size / 2}" y="${y + size / 2 + 4}" text-anchor="middle">${text}</text>`
      : ''
  }</g>`
}

/** `+.91`: the zero would not fit into a small cell. */
function shortCoefficient(value: number): string {
  return coefficientText(value).replace('0.', '.')
}

/** A to Z, then AA; a matrix never has more. */
function letter(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : `A${letter(index - 26)}`
}

function pairKey(a: string, b: string): string {
  return JSON.stringify([a, b].sort())
}
