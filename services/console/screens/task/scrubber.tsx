import { Icon } from '../../components/icon.tsx'
import { ClockTime } from '../../components/relative-time.tsx'
import { formatCount } from '../../data/format.ts'
import type { Moment } from './task-history.ts'

/** Goes through the past of a task, event by event, and says why each transition happened. */
export function Scrubber({
  count,
  moment,
  at,
  isReading,
  isCut,
  onMove,
}: {
  /** Events that can be gone to. */
  count: number
  /** Undefined while it is made again. */
  moment: Moment | undefined
  /** Undefined: now. */
  at: number | undefined
  /** More events come. */
  isReading: boolean
  /** There are more events, which can not be gone to here. */
  isCut: boolean
  onMove: (at: number | undefined) => void
}) {
  const last = count - 1
  const index = at ?? last
  const move = (to: number) => onMove(to >= last ? undefined : Math.max(0, to))
  return (
    <section className="scrubber card" aria-label="History">
      <div className="scrubber-line">
        <button
          type="button"
          className="icon-button"
          aria-label="Event before"
          disabled={index === 0}
          onClick={() => move(index - 1)}
        >
          <Icon name="chevron-left" />
        </button>
        <input
          type="range"
          aria-label="Event of the log"
          aria-valuetext={`event ${index + 1} of ${count}${moment ? `: ${moment.event.kind}` : ''}`}
          min={0}
          max={last}
          value={index}
          onChange={(event) => move(Number(event.target.value))}
        />
        <button
          type="button"
          className="icon-button"
          aria-label="Next event"
          disabled={index === last}
          onClick={() => move(index + 1)}
        >
          <Icon name="chevron-right" />
        </button>
        <span className="number dim">
          {formatCount(index + 1)}/{formatCount(count)}
          {(isCut || isReading) && '+'}
        </span>
        <button
          type="button"
          className="button small"
          aria-pressed={at === undefined}
          onClick={() => onMove(undefined)}
        >
          Now
        </button>
      </div>
      {isCut && (
        <p className="dim small scrubber-cut">
          The first {formatCount(count)} events of its log; <code>murmur history</code> has all of them.
        </p>
      )}
      <div className="scrubber-why" aria-live="polite">
        {moment ? (
          <>
            <span className="row">
              <ClockTime atMs={moment.event.atMs} /> <code className="code">{moment.event.kind}</code>
              <span className="dim number">log {moment.event.seq}</span>
            </span>
            <ul>
              {moment.changes.length === 0 && <li className="dim">nothing that anybody waits for changed</li>}
              {moment.changes.slice(0, 8).map(({ stepId, from, to, why }) => (
                <li key={`${stepId} ${to}`}>
                  <strong>{stepId ?? 'task'}</strong> {from && <span className="dim">{from} → </span>}
                  {to}: {why}
                </li>
              ))}
              {moment.changes.length > 8 && <li className="dim">and {moment.changes.length - 8} more</li>}
            </ul>
          </>
        ) : (
          <span className="dim">Event {formatCount(index + 1)} is being replayed…</span>
        )}
      </div>
    </section>
  )
}
