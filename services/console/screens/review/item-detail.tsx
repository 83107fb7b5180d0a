import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { GetReviewResponse } from '#schemas/review.ts'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { Loading } from '../../components/loading.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { api, ask } from '../../data/api.ts'
import { toProblemError } from '../../data/problem.ts'
import { AlertDetail } from './alert-detail.tsx'
import { BookmarkDialog, type BookmarkTarget } from './bookmark-dialog.tsx'
import { isReviewedBy } from './timeline.ts'
import { useBookmarkChanges, useBookmarks } from './use-bookmarks.ts'

const REFRESH_MS = 5000

/** One review item: its alerts, one after the other, and who has seen it. */
export function ItemDetail({
  id,
  person,
  onMark,
  onClose,
}: {
  id: string
  person: string
  onMark: (reviewed: boolean) => void
  onClose: () => void
}) {
  const [at, setAt] = useState(0)
  const [bookmarking, setBookmarking] = useState<BookmarkTarget>()
  const bookmarks = useBookmarks().data?.filter((bookmark) => bookmark.review === id) ?? []
  const { remove } = useBookmarkChanges(person)
  const { data, error, refetch } = useQuery({
    queryKey: ['review', id],
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) =>
      (await ask(api.GET('/v1/reviews/{id}', { params: { path: { id } }, signal }))) as GetReviewResponse,
  })
  if (error && !data) return <ErrorPanel problem={toProblemError(error)} onRetry={() => void refetch()} />
  if (!data) return <Loading label="Item" />
  const { review, alerts } = data
  const alert = alerts[Math.min(at, alerts.length - 1)]
  const isSeen = isReviewedBy(review, person)
  return (
    <div className="stack">
      <div className="row">
        <button type="button" className="button small" aria-pressed={isSeen} onClick={() => onMark(!isSeen)}>
          <Icon name="eye" /> {isSeen ? 'Reviewed' : 'Mark as reviewed'}
        </button>
        <button
          type="button"
          className="button small"
          onClick={() => setBookmarking({ review: id, name: `what ${review.camera} saw` })}
        >
          <Icon name="star" /> Bookmark
        </button>
        <span className="dim small">
          {review.reviewedBy.map(({ by, atMs }) => (
            <span key={by}>
              {by} <RelativeTime atMs={atMs} />{' '}
            </span>
          ))}
        </span>
        <span className="spring" />
        <button type="button" className="icon-button" aria-label="Close what is chosen" onClick={onClose}>
          <Icon name="x" />
        </button>
      </div>
      {bookmarks.length > 0 && (
        <ul className="plain" aria-label="Bookmarks of this item">
          {bookmarks.map((bookmark) => (
            <li key={bookmark.id} className="row small">
              <Icon name="star" />
              <strong>{bookmark.by}</strong>
              {bookmark.note && <span className="bookmark-note">{bookmark.note}</span>}
              <span className="dim">
                <RelativeTime atMs={bookmark.madeAtMs} />
              </span>
              <button
                type="button"
                className="icon-button"
                aria-label={`Take the bookmark of ${bookmark.by} away`}
                onClick={() => void remove(bookmark)}
              >
                <Icon name="x" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {alerts.length > 1 && (
        <nav className="row" aria-label="Alerts of this item">
          {alerts.map((each, index) => (
            <button
              key={each.id}
              type="button"
              className="button small"
              aria-pressed={each.id === alert?.id}
              onClick={() => setAt(index)}
            >
              {index + 1}. {each.rule.id}
            </button>
          ))}
        </nav>
      )}
      {alert ? (
        <AlertDetail key={alert.id} alert={alert} person={person} />
      ) : (
        <p className="dim">Its alerts are not kept any more.</p>
      )}
      {bookmarking && (
        <BookmarkDialog target={bookmarking} person={person} onClose={() => setBookmarking(undefined)} />
      )}
    </div>
  )
}
