import type { MarkReviewsResponse, Review } from '#schemas/review.ts'
import type { Paint } from '../output/paint.ts'
import { formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { severityStyle } from './render-alert.ts'

const COLUMNS = [
  { title: 'item' },
  { title: 'severity' },
  { title: 'camera' },
  { title: 'age', align: 'right' },
  { title: 'lasted', align: 'right' },
  { title: 'alerts', align: 'right' },
  { title: 'reviewed by', flexible: true },
] as const

/** Review items, one a line. Pure. */
export function renderReviews(
  reviews: readonly Review[],
  nowMs: number,
  options: { paint: Paint; width?: number },
): string[] {
  const rows = reviews.map((review): Cell[] => {
    const { id, severity, camera, raisedAtMs, beganAtMs, endedAtMs, isOngoing, alerts, reviewedBy } = review
    const lasted = formatDuration(endedAtMs - beganAtMs)
    return [
      { text: id },
      { text: severity, style: severityStyle(severity) },
      { text: camera },
      { text: formatDuration(nowMs - raisedAtMs), style: 'dim' },
      { text: isOngoing ? `${lasted} …` : lasted },
      { text: String(alerts.length) },
      { text: printable(reviewedBy.map(({ by }) => by).join(', ')), style: 'dim' },
    ]
  })
  return renderTable(COLUMNS, rows, options)
}

export const MARKED_COLUMNS = [
  { title: 'item' },
  { title: 'outcome' },
  { title: 'why', flexible: true },
] as const

/** What became of one item. Pure. */
export function markedRow({ id, outcome, problem }: MarkReviewsResponse['results'][number]): Cell[] {
  return [
    { text: id },
    { text: outcome, style: outcome === 'failed' ? 'red' : 'green' },
    { text: problem ? printable(`${problem.code}: ${problem.message}`) : '', style: 'dim' },
  ]
}
