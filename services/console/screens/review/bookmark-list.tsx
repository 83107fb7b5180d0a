import { type ReactNode, useState } from 'react'
import type { Bookmark } from '#schemas/bookmark.ts'
import { EmptyState } from '../../components/empty-state.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { Loading } from '../../components/loading.tsx'
import { ClockTime, RelativeTime } from '../../components/relative-time.tsx'
import { toProblemError } from '../../data/problem.ts'
import { filterBookmarks, momentVideoUrl } from './bookmarks.ts'
import { useBookmarkChanges, useBookmarks } from './use-bookmarks.ts'

/** What people want to find again, each with its moment, its note and what leads there. */
export function BookmarkList({
  person,
  camera,
  by,
  text,
  onFilter,
  onOpen,
  children,
}: {
  person: string
  camera: string | undefined
  by: string | undefined
  text: string | undefined
  onFilter: (change: { by?: string; text?: string }) => void
  /** Opens the review item of one. */
  onOpen: (bookmark: Bookmark) => void
  /** Stands before the filters. */
  children: ReactNode
}) {
  const { data, error, isPending, refetch } = useBookmarks()
  const { remove } = useBookmarkChanges(person)
  if (error && !data) return <ErrorPanel problem={toProblemError(error)} onRetry={() => void refetch()} />
  if (isPending) return <Loading label="Bookmarks" />
  const shown = filterBookmarks(data, { camera, by, text })
  const persons = [...new Set(data.map((bookmark) => bookmark.by))].sort()
  return (
    <section className="stack" aria-label="Bookmarks">
      <div className="filters">
        {children}
        <input
          className="input"
          type="search"
          aria-label="In the note"
          placeholder="In the note"
          maxLength={100}
          value={text ?? ''}
          onChange={(event) => onFilter({ text: event.target.value })}
        />
        <select
          className="input"
          aria-label="Made by"
          value={by ?? ''}
          onChange={(event) => onFilter({ by: event.target.value })}
        >
          <option value="">By anybody</option>
          {persons.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </div>
      {shown.length === 0 && (
        <EmptyState
          title={data.length === 0 ? 'Nothing is bookmarked' : 'No bookmark is like that'}
          icon="star"
        >
          A review item, an alert or a moment of a camera can be: with a note, for everybody.
        </EmptyState>
      )}
      <ul className="plain bookmarks">
        {shown.map((bookmark) => (
          <BookmarkRow
            key={bookmark.id}
            bookmark={bookmark}
            onOpen={() => onOpen(bookmark)}
            onRemove={() => void remove(bookmark)}
          />
        ))}
      </ul>
    </section>
  )
}

function BookmarkRow({
  bookmark,
  onOpen,
  onRemove,
}: {
  bookmark: Bookmark
  onOpen: () => void
  onRemove: () => void
}) {
  const [isPlaying, setPlaying] = useState(false)
  const [fault, setFault] = useState(false)
  const { id, camera, atMs, review, alert, note, by, madeAtMs } = bookmark
  return (
    <li className="card padded bookmark" data-bookmark={id}>
      <div className="row">
        <Icon name="star" />
        <strong>{camera}</strong>
        <ClockTime atMs={atMs} />
        <span className="dim">
          {alert ? 'an alert' : review ? 'a review item' : 'a moment'}, by {by}{' '}
          <RelativeTime atMs={madeAtMs} />
        </span>
        <span className="bookmark-actions">
          {review ? (
            <button type="button" className="button small" onClick={onOpen}>
              <Icon name="eye" /> Open
            </button>
          ) : (
            !isPlaying && (
              <button type="button" className="button small" onClick={() => setPlaying(true)}>
                <Icon name="play" /> Play what was recorded
              </button>
            )
          )}
          <button
            type="button"
            className="icon-button"
            aria-label={`Take the bookmark of ${camera} away`}
            onClick={onRemove}
          >
            <Icon name="x" />
          </button>
        </span>
      </div>
      {note && <p className="bookmark-note">{note}</p>}
      {isPlaying && !fault && (
        <video
          src={momentVideoUrl(bookmark)}
          controls
          autoPlay
          muted
          playsInline
          onError={() => setFault(true)}
        />
      )}
      {fault && <p className="camera-warning">Nothing was recorded then, or it does not play here.</p>}
    </li>
  )
}
