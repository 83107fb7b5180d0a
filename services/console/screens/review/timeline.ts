import type { Alert } from '#schemas/alert.ts'
import type { Review } from '#schemas/review.ts'

/** A review item with what is known of its alerts. */
export interface ReviewItem {
  readonly review: Review
  /** In the order in which they were raised; those that the history still has. */
  readonly alerts: readonly Alert[]
}

/** Milliseconds, Unix. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

export const RANGES = {
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
} as const
export type RangeName = keyof typeof RANGES
export const DEFAULT_RANGE: RangeName = '1h'

/** Whatever stands in the URL. Pure. */
export function rangeOf(text: string | undefined): RangeName {
  return text !== undefined && Object.hasOwn(RANGES, text) ? (text as RangeName) : DEFAULT_RANGE
}

export interface ReviewFilter {
  readonly camera: string | undefined
  readonly severity: string | undefined
  readonly rule: string | undefined
  /** Only those that this person has not seen. */
  readonly notReviewedBy: string | undefined
}

/** Alerts joined to their items, newest first. Pure. */
export function joinReviews(reviews: readonly Review[], alerts: readonly Alert[]): ReviewItem[] {
  const byItem = Map.groupBy(alerts, ({ review }) => review ?? '')
  return reviews
    .map((review) => ({
      review,
      alerts: (byItem.get(review.id) ?? []).toSorted((a, b) => a.raisedAtMs - b.raisedAtMs),
    }))
    .toSorted((a, b) => b.review.beganAtMs - a.review.beganAtMs)
}

/** Pure. */
export function filterReviews(
  items: readonly ReviewItem[],
  { camera, severity, rule, notReviewedBy }: ReviewFilter,
  { fromMs, toMs }: Span,
): ReviewItem[] {
  return items.filter(
    ({ review, alerts }) =>
      review.endedAtMs >= fromMs &&
      review.beganAtMs <= toMs &&
      (camera === undefined || review.camera === camera) &&
      (severity === undefined || review.severity === severity) &&
      (rule === undefined || alerts.some((alert) => alert.rule.id === rule)) &&
      (notReviewedBy === undefined || !isReviewedBy(review, notReviewedBy)),
  )
}

/** Pure. */
export function isReviewedBy({ reviewedBy }: Pick<Review, 'reviewedBy'>, person: string): boolean {
  return reviewedBy.some(({ by }) => by === person)
}

export interface Bar {
  readonly item: ReviewItem
  /** Shares of the span. */
  readonly left: number
  readonly width: number
}

/** A bar is at least so wide, so that it can be hit. Share of the span. */
const MIN_WIDTH = 0.008

/** A lane for each camera, with its items as they lie in the span. Pure. */
export function lanesOf(
  items: readonly ReviewItem[],
  { fromMs, toMs }: Span,
): { camera: string; bars: Bar[] }[] {
  const shareOf = (ms: number) => Math.min(1, Math.max(0, (ms - fromMs) / (toMs - fromMs)))
  return [...Map.groupBy(items, ({ review }) => review.camera)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([camera, of]) => ({
      camera,
      bars: of
        .map((item) => {
          const left = Math.min(shareOf(item.review.beganAtMs), 1 - MIN_WIDTH)
          return { item, left, width: Math.max(MIN_WIDTH, shareOf(item.review.endedAtMs) - left) }
        })
        .toSorted((a, b) => a.left - b.left),
    }))
}

const STEPS = [60, 300, 600, 1800, 3600, 10_800, 21_600, 86_400].map((seconds) => seconds * 1000)
const MAX_TICKS = 8

/** Moments that are written below the lanes: round ones, eight at most. Pure. */
export function ticksOf({ fromMs, toMs }: Span): { atMs: number; left: number }[] {
  const step = STEPS.find((each) => (toMs - fromMs) / each <= MAX_TICKS) ?? STEPS.at(-1)!
  const ticks: { atMs: number; left: number }[] = []
  for (let atMs = Math.ceil(fromMs / step) * step; atMs <= toMs; atMs += step)
    ticks.push({ atMs, left: (atMs - fromMs) / (toMs - fromMs) })
  return ticks
}

/** As a table for others, RFC 4180: a line an alert. Pure. */
export function exportCsv(items: readonly ReviewItem[]): string {
  const head = ['review', 'alert', 'camera', 'rule', 'severity', 'status', 'at', 'message', 'changed by']
  const rows = items.flatMap(({ review, alerts }) =>
    alerts.map((alert) => [
      review.id,
      alert.id,
      alert.camera,
      alert.rule.id,
      alert.severity,
      alert.status,
      new Date(alert.atMs).toISOString(),
      alert.message,
      alert.changedBy ?? '',
    ]),
  )
  return [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')
}

/** What a spreadsheet would take for a formula is text there. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
