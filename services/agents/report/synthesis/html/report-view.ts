import type { Finding, Report, ReportColumn } from '#schemas/report.ts'
import { type ColumnPlace, placeKey } from '../analysis-index.ts'
import { rangeOf } from '../plain-sentence.ts'

/** Pictures as `data:` addresses, by the key of their blob. */
export type Thumbnails = ReadonlyMap<string, string>

/** A report with what its sections look up again and again. */
export interface ReportView {
  report: Report
  thumbnails: Thumbnails
  column(place: ColumnPlace): ReportColumn | undefined
  finding(id: string): Finding | undefined
  /** The range of a column, for rounding its numbers. */
  range(place: ColumnPlace): number | undefined
}

export function viewReport(report: Report, thumbnails: Thumbnails): ReportView {
  const columns = new Map(report.columns.map((column) => [placeKey(column), column]))
  const findings = new Map(report.findings.map((finding) => [finding.id, finding]))
  const column = (place: ColumnPlace): ReportColumn | undefined => columns.get(placeKey(place))
  return {
    report,
    thumbnails,
    column,
    finding: (id) => findings.get(id),
    range: (place) => {
      const found = column(place)
      return found && rangeOf(found)
    },
  }
}
