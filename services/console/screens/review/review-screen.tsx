import './review.css'
import '../inbox/inbox.css'
import { useState } from 'react'
import { usePaletteCommands } from '../../app/page-commands.ts'
import { EmptyState } from '../../components/empty-state.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { Loading } from '../../components/loading.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { nowMs } from '../../data/clock.ts'
import { toProblemError } from '../../data/problem.ts'
import { useUrlState } from '../../data/url-state.ts'
import { stepKey } from '../inbox/inbox-items.ts'
import { PersonField } from '../inbox/person-field.tsx'
import { useKeys } from '../inbox/use-keys.ts'
import { usePerson } from '../inbox/use-person.ts'
import { AlertingNotice } from './alerting-notice.tsx'
import { BookmarkDialog, type BookmarkTarget } from './bookmark-dialog.tsx'
import { BookmarkList } from './bookmark-list.tsx'
import { countByReview } from './bookmarks.ts'
import { ItemDetail } from './item-detail.tsx'
import { Choice, ReviewFilters } from './review-filters.tsx'
import { ReviewRow } from './review-row.tsx'
import { ReviewTimeline } from './review-timeline.tsx'
import { SnoozeDialog } from './snooze-dialog.tsx'
import {
  exportCsv,
  filterReviews,
  isReviewedBy,
  RANGES,
  type RangeName,
  type ReviewItem,
  rangeOf,
} from './timeline.ts'
import { useAlertChanges } from './use-alert-changes.ts'
import { useAlerting } from './use-alerting.ts'
import { useBookmarks } from './use-bookmarks.ts'
import { useReviews } from './use-reviews.ts'

const URL_NAMES = [
  'range',
  'until',
  'camera',
  'severity',
  'rule',
  'seen',
  'item',
  'show',
  'by',
  'text',
] as const

/** Items that the list shows; the timeline shows all. */
const MAX_ROWS = 300

export default function ReviewScreen() {
  const [url, set] = useUrlState(URL_NAMES)
  const { person, setName } = usePerson()
  const changes = useAlertChanges(person)
  const lengthMs = RANGES[rangeOf(url.text('range'))]
  const until = url.text('until')
  // Whole minutes: else every drawing would ask for another span.
  const toMs = until === undefined ? Math.ceil(nowMs() / 60_000) * 60_000 : Number(until)
  const span = { fromMs: toMs - lengthMs, toMs }
  const { data, error, isPending, refetch, live } = useReviews(span.fromMs)
  const all = data?.items ?? []
  const items = filterReviews(
    all,
    {
      camera: url.text('camera'),
      severity: url.text('severity'),
      rule: url.text('rule'),
      notReviewedBy: url.text('seen') === 'no' ? person : undefined,
    },
    span,
  )
  const isSilent = useAlerting() === false
  const bookmarks = useBookmarks().data ?? []
  const counts = countByReview(bookmarks)
  const isOfBookmarks = url.text('show') === 'bookmarks'
  const [bookmarking, setBookmarking] = useState<BookmarkTarget>()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const item = url.text('item')
  const current = all.find(({ review }) => review.id === item)
  const open = (id: string | undefined) => set({ item: id })
  const keys = items.map(({ review }) => ({ key: review.id }))
  const picked = items.filter(({ review }) => chosen.has(review.id))
  const targets = picked.length > 0 ? picked : current ? [current] : []
  const alerts = targets.flatMap((target) => target.alerts)
  const done = (isDone: boolean) => {
    if (!isDone) return
    setChosen(new Set())
    if (picked.length === 0) open(stepKey(keys, item, 1))
  }
  const toggle = (id: string) => {
    const next = new Set(chosen)
    if (!next.delete(id)) next.add(id)
    setChosen(next)
  }
  const review = () => {
    if (targets.length === 0) return
    const isSeen = targets.every((target) => isReviewedBy(target.review, person))
    void changes
      .mark(
        targets.map((target) => target.review.id),
        !isSeen,
      )
      .then(done)
  }
  useKeys({
    j: () => open(stepKey(keys, item, 1)),
    k: () => open(stepKey(keys, item, -1)),
    x: () => item && toggle(item),
    r: review,
    a: () => alerts.length > 0 && void changes.change('acknowledge', alerts).then(done),
    e: () => alerts.length > 0 && void changes.change('resolve', alerts).then(done),
    b: () => current && setBookmarking({ review: current.review.id, name: nameOf(current) }),
    escape: () => (chosen.size > 0 ? setChosen(new Set()) : open(undefined)),
    'ctrl+a': () => setChosen(new Set(items.map((each) => each.review.id))),
  })
  const [snoozing, setSnoozing] = useState<string>()
  const cameras = [
    ...new Set([...all.map(({ review }) => review.camera), ...bookmarks.map(({ camera }) => camera)]),
  ].sort()
  const rules = [...new Set(all.flatMap((each) => each.alerts.map(({ rule }) => rule.id)))].sort()
  usePaletteCommands([
    ...(targets.length > 0
      ? [
          { label: 'Mark what is chosen as reviewed', icon: 'eye' as const, hint: 'r', run: review },
          {
            label: 'Acknowledge what is chosen',
            icon: 'check' as const,
            hint: 'a',
            run: () => void changes.change('acknowledge', alerts).then(done),
          },
          {
            label: 'Resolve what is chosen',
            icon: 'check' as const,
            hint: 'e',
            run: () => void changes.change('resolve', alerts).then(done),
          },
        ]
      : []),
    ...(current
      ? [
          {
            label: 'Bookmark what is open',
            icon: 'star' as const,
            hint: 'b',
            run: () => setBookmarking({ review: current.review.id, name: nameOf(current) }),
          },
        ]
      : []),
    {
      label: 'Bookmark a moment',
      icon: 'star',
      run: () => setBookmarking({ moment: true, cameras, camera: url.text('camera') }),
    },
    { label: 'Show bookmarks', icon: 'star', run: () => set({ show: 'bookmarks', item: '' }) },
    ...cameras.map((camera) => ({
      label: `Snooze ${camera}`,
      icon: 'bell' as const,
      run: () => setSnoozing(camera),
    })),
  ])
  return (
    <div className="page review" data-open={current !== undefined || undefined}>
      <PageHeader
        title="Review"
        meta={
          <>
            <span className="number">
              {items.length} {items.length === 1 ? 'item' : 'items'}
              {data?.isCut && ' of more: choose a shorter time'}
            </span>
            <span className="not-narrow" hidden={isOfBookmarks}>
              <kbd>J</kbd> <kbd>K</kbd> move · <kbd>R</kbd> reviewed · <kbd>A</kbd> acknowledge · <kbd>E</kbd>{' '}
              resolve · <kbd>B</kbd> bookmark · <kbd>X</kbd> select · <kbd>Ctrl A</kbd> all · <kbd>Esc</kbd>
            </span>
            {live === 'broken' && <span>shown as it was: reconnecting</span>}
          </>
        }
      >
        {setName && <PersonField person={person} setName={setName} />}
        <fieldset className="segments">
          <legend className="sr-only">What is shown</legend>
          <button
            type="button"
            className="button"
            aria-pressed={!isOfBookmarks}
            onClick={() => set({ show: '' })}
          >
            Items
          </button>
          <button
            type="button"
            className="button"
            aria-pressed={isOfBookmarks}
            onClick={() => set({ show: 'bookmarks', item: '' })}
          >
            <Icon name="star" /> Bookmarks{bookmarks.length > 0 && ` ${bookmarks.length}`}
          </button>
        </fieldset>
        <button
          type="button"
          className="button"
          disabled={items.length === 0}
          onClick={() => download(items)}
        >
          <Icon name="file" /> Export
        </button>
      </PageHeader>
      {isOfBookmarks ? (
        <BookmarkList
          person={person}
          camera={url.text('camera')}
          by={url.text('by')}
          text={url.text('text')}
          onFilter={set}
          onOpen={(bookmark) => set({ show: '', item: bookmark.review, ...spanAround(bookmark.atMs) })}
        >
          <Choice label="Camera" name="camera" options={cameras} value={url.text('camera')} onSet={set} />
          <button
            type="button"
            className="button small"
            onClick={() => setBookmarking({ moment: true, cameras, camera: url.text('camera') })}
          >
            <Icon name="plus" /> Bookmark a moment
          </button>
        </BookmarkList>
      ) : (
        <>
          <ReviewFilters
            url={url}
            set={set}
            cameras={cameras}
            rules={rules}
            toMs={toMs}
            lengthMs={lengthMs}
          />
          {isSilent && <AlertingNotice />}
          {!isSilent && error && !data && (
            <ErrorPanel problem={toProblemError(error)} onRetry={() => void refetch()} />
          )}
          {!isSilent && isPending && !error && <Loading label="Review" />}
          {data && <ReviewTimeline items={items} span={span} person={person} current={item} onOpen={open} />}
          {data && items.length === 0 && (
            <EmptyState title="Nothing was raised in that time" icon="film">
              Choose a longer time, or other filters.
            </EmptyState>
          )}
          <div className="review-panes">
            <ul className="review-list plain" aria-label="Items">
              {items.slice(0, MAX_ROWS).map((each) => (
                <ReviewRow
                  key={each.review.id}
                  item={each}
                  person={person}
                  isCurrent={each.review.id === item}
                  isChosen={chosen.has(each.review.id)}
                  bookmarks={counts.get(each.review.id) ?? 0}
                  onOpen={() => open(each.review.id)}
                  onChoose={() => toggle(each.review.id)}
                />
              ))}
            </ul>
            {item && (
              <section className="card padded review-detail" aria-label="What is chosen">
                <ItemDetail
                  key={item}
                  id={item}
                  person={person}
                  onClose={() => open(undefined)}
                  onMark={(reviewed) => void changes.mark([item], reviewed)}
                />
              </section>
            )}
          </div>
        </>
      )}
      {picked.length > 0 && (
        <div className="selection" role="status">
          {picked.length} selected
          <button type="button" className="button small" disabled={changes.busy} onClick={review}>
            Reviewed
          </button>
          <button
            type="button"
            className="button small"
            disabled={changes.busy}
            onClick={() => void changes.change('acknowledge', alerts).then(done)}
          >
            Acknowledge
          </button>
          <button
            type="button"
            className="button small"
            disabled={changes.busy}
            onClick={() => void changes.change('resolve', alerts).then(done)}
          >
            Resolve
          </button>
          <button type="button" className="button small" onClick={() => setChosen(new Set())}>
            Clear
          </button>
        </div>
      )}
      {snoozing && (
        <SnoozeDialog
          camera={snoozing}
          rule={undefined}
          person={person}
          onClose={() => setSnoozing(undefined)}
        />
      )}
      {bookmarking && (
        <BookmarkDialog target={bookmarking} person={person} onClose={() => setBookmarking(undefined)} />
      )}
    </div>
  )
}

function nameOf({ review, alerts }: ReviewItem): string {
  return alerts[0]?.message ?? `what ${review.camera} saw`
}

/** A span in which a moment lies, unless it lies in that until now. */
function spanAround(atMs: number): { range: RangeName; until: string } {
  const isRecent = nowMs() - atMs < RANGES['24h']
  return { range: '24h', until: isRecent ? '' : String(Math.ceil((atMs + RANGES['1h']) / 60_000) * 60_000) }
}

function download(items: readonly ReviewItem[]): void {
  const url = URL.createObjectURL(new Blob([exportCsv(items)], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'alerts.csv'
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
