import { ClockTime } from '../../components/relative-time.tsx'
import { Badge } from '../../components/status-badge.tsx'
import { formatDuration } from '../../data/format.ts'
import { SeverityBadge } from '../cameras/severity.tsx'
import { objectUrl } from './alert-detail.tsx'
import { isReviewedBy, type ReviewItem } from './timeline.ts'

export function ReviewRow({
  item: { review, alerts },
  person,
  isCurrent,
  isChosen,
  bookmarks,
  onOpen,
  onChoose,
}: {
  item: ReviewItem
  person: string
  isCurrent: boolean
  isChosen: boolean
  /** How many it has. */
  bookmarks: number
  onOpen: () => void
  onChoose: () => void
}) {
  const first = alerts[0]
  const title = first?.message ?? `${review.alerts.length} alerts`
  const picture = alerts.find(({ snapshot }) => snapshot)?.snapshot
  const isSeen = isReviewedBy(review, person)
  const isOpen = alerts.some(({ status }) => status === 'open')
  return (
    <li
      className="review-row card"
      data-key={review.id}
      aria-current={isCurrent || undefined}
      data-seen={isSeen || undefined}
    >
      {picture ? (
        <img src={objectUrl(picture.blob)} alt="" loading="lazy" />
      ) : (
        <span className="review-blank" />
      )}
      <div className="review-words">
        <button type="button" className="inbox-open" onClick={onOpen}>
          <span className="inbox-title">{title}</span>
          <span className="inbox-about">
            <SeverityBadge severity={review.severity} />
            <span className="ellipsis">{review.camera}</span>
            <ClockTime atMs={review.beganAtMs} />
          </span>
        </button>
        <span className="row small dim">
          <input type="checkbox" aria-label={`Select ${title}`} checked={isChosen} onChange={onChoose} />
          <span>{review.alerts.length === 1 ? '1 alert' : `${review.alerts.length} alerts`}</span>
          {review.endedAtMs > review.beganAtMs && (
            <span>{formatDuration(review.endedAtMs - review.beganAtMs)}</span>
          )}
          {review.isOngoing && <Badge tone="info">goes on</Badge>}
          {!isOpen && <span>cared for</span>}
          {isSeen && <span>✓ reviewed</span>}
          {bookmarks > 0 && (
            <span>
              <span aria-hidden="true">★</span> {bookmarks === 1 ? 'bookmarked' : `${bookmarks} bookmarks`}
            </span>
          )}
        </span>
      </div>
    </li>
  )
}
