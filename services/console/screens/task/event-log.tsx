import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef } from 'react'
import type { TaskEvent } from '#schemas/task-event.ts'
import { ClockTime } from '../../components/relative-time.tsx'
import { formatCount } from '../../data/format.ts'
import type { Moment } from './task-history.ts'

/** What happened, a line each: from the log where it could be read, else what was seen while the page was open. */
export function EventLog({
  moments,
  count,
  live,
  at,
  selected,
  onSelect,
}: {
  /** Some of those that there are, one after the other. */
  moments: readonly Moment[]
  count: number
  live: readonly TaskEvent[]
  at: number | undefined
  selected: string | undefined
  /** @param index of the moment, where it is one */
  onSelect: (stepId: string | undefined, index: number | undefined) => void
}) {
  const told = useMemo(() => moments.flatMap(linesOfMoment), [moments])
  const lines = moments.length > 0 ? told : live.map(lineOfEvent)
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 25,
    overscan: 10,
  })
  const follow = lines.findLastIndex(({ index }) => at === undefined || (index !== undefined && index <= at))
  useEffect(() => {
    if (follow >= 0) rows.scrollToIndex(follow, { align: 'auto' })
  }, [follow, rows])
  if (lines.length === 0) return <p className="dim padded">Nothing yet.</p>
  const first = moments[0]?.index ?? 0
  return (
    <>
      {moments.length > 0 && moments.length < count && (
        <p className="dim small event-part">
          Events {formatCount(first + 1)} to {formatCount(first + moments.length)} of {formatCount(count)}: go
          on with the history above.
        </p>
      )}
      <section ref={scroller} className="event-log" aria-label="Events">
        <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map(({ index: row, start }) => {
            const line = lines[row]!
            return (
              <button
                key={row}
                type="button"
                className={`event-line ${line.tone} ${line.stepId !== undefined && line.stepId === selected ? 'selected' : ''} ${at !== undefined && (line.index ?? 0) > at ? 'later' : ''}`}
                style={{ transform: `translateY(${start}px)` }}
                aria-current={line.index !== undefined && line.index === at ? 'step' : undefined}
                onClick={() => onSelect(line.stepId, line.index)}
              >
                <ClockTime atMs={line.atMs} />
                <strong>{line.stepId ?? 'task'}</strong>
                <span className="event-text">{line.text}</span>
              </button>
            )
          })}
        </div>
      </section>
    </>
  )
}

interface Line {
  readonly atMs: number
  readonly index: number | undefined
  readonly stepId: string | undefined
  readonly text: string
  readonly tone: 'bad' | 'ok' | ''
}

function linesOfMoment({ event, index, changes }: Moment): Line[] {
  return changes.map(({ stepId, to, why }) => ({
    atMs: event.atMs,
    index,
    stepId,
    text: `${to}: ${why}`,
    tone: /^(failed|backoff)/.test(to) ? 'bad' : to.startsWith('completed') ? 'ok' : '',
  }))
}

function lineOfEvent({ atMs, kind, stepId, error, note, fraction, attempt }: TaskEvent): Line {
  const about = error ? `${error.code}: ${error.message}` : (note ?? '')
  const progress = fraction === undefined ? '' : `${Math.round(fraction * 100)} % `
  const tries = attempt !== undefined && attempt > 1 ? ` (attempt ${attempt})` : ''
  return {
    atMs,
    index: undefined,
    stepId,
    text: `${kind.replace('step-', '')}${tries} ${progress}${about}`,
    tone: error ? 'bad' : kind.endsWith('completed') ? 'ok' : '',
  }
}
