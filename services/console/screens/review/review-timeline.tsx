import { formatTime } from '../../data/format.ts'
import { isReviewedBy, lanesOf, type ReviewItem, type Span, ticksOf } from './timeline.ts'

/** Review items as they lie in time, a lane a camera. For the eye and the mouse: the list has the same for the keyboard. */
export function ReviewTimeline({
  items,
  span,
  person,
  current,
  onOpen,
}: {
  items: readonly ReviewItem[]
  span: Span
  person: string
  current: string | undefined
  onOpen: (id: string) => void
}) {
  return (
    <section className="lanes card" aria-label="Timeline">
      {lanesOf(items, span).map(({ camera, bars }) => (
        <div key={camera} className="lane">
          <span className="lane-name ellipsis" title={camera}>
            {camera}
          </span>
          <div className="lane-bars" aria-hidden="true">
            {bars.map(({ item: { review }, left, width }) => (
              // biome-ignore lint/a11y/noStaticElementInteractions: the list below has the same for the keyboard
              // biome-ignore lint/a11y/useKeyWithClickEvents: as above
              <div
                key={review.id}
                className={`bar ${review.severity}`}
                title={`${review.severity}, ${formatTime(review.beganAtMs, span.toMs)}`}
                data-current={review.id === current || undefined}
                data-seen={isReviewedBy(review, person) || undefined}
                style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
                onClick={() => onOpen(review.id)}
              />
            ))}
          </div>
        </div>
      ))}
      <div className="lane ticks" aria-hidden="true">
        <span />
        <div className="lane-bars">
          {ticksOf(span).map(({ atMs, left }) => (
            <span
              key={atMs}
              className="tick number"
              style={left > 0.96 ? { right: 0 } : { left: `${left * 100}%`, transform: 'translateX(-50%)' }}
            >
              {tickText(atMs, span)}
            </span>
          ))}
        </div>
      </div>
    </section>
  )
}

const DAY_MS = 86_400_000

function tickText(atMs: number, { fromMs, toMs }: Span): string {
  const at = new Date(atMs)
  return toMs - fromMs > 2 * DAY_MS
    ? at.toLocaleDateString(undefined, { day: 'numeric', month: 'short' })
    : at.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hour12: false })
}
