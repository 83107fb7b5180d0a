import { useEffect, useMemo, useState } from 'react'
import type { TaskState } from '#schemas/task.ts'
import { isTerminal } from '#schemas/task-status.ts'
import { Icon } from '../../components/icon.tsx'
import { STATUS_TONES } from '../../components/status-badge.tsx'
import { nowMs } from '../../data/clock.ts'
import { formatDuration } from '../../data/format.ts'
import type { AttemptRecord } from './attempts.ts'
import { axisTicks, type Bar, waterfallRows } from './waterfall-bars.ts'

const ROW = 26
/** Rows beyond are not drawn; the steps of a plan are fewer. */
const MAX_ROWS = 600
/** Of the axis: ticks behind this are not written. */
const LAST_TICK = 0.88

/** When each step waited and worked: queue time apart from run time, each attempt a bar, lists folded to one row. */
export function Waterfall({
  task,
  attempts,
  selected,
  onSelect,
  atMs,
  isNarrow,
}: {
  task: TaskState
  attempts: ReadonlyMap<string, readonly AttemptRecord[]> | undefined
  selected: string | undefined
  onSelect: (stepId: string) => void
  /** The moment of the scrubber. */
  atMs?: number | undefined
  isNarrow: boolean
}) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const isOver = isTerminal(task.status)
  const now = useNow(!isOver)
  const rows = useMemo(() => waterfallRows(task, attempts, open).slice(0, MAX_ROWS), [task, attempts, open])
  const fromMs = task.createdAtMs
  const bars = rows.flatMap((row) => row.bars)
  const endMs = Math.max(
    task.finishedAtMs ?? now,
    ...bars.map(({ toMs, fromMs: from }) => (isOver ? (toMs ?? from) : Math.min(toMs ?? now, now))),
    fromMs + 1,
  )
  const spanMs = endMs - fromMs
  const place = (ms: number) => `${(Math.max(0, ms - fromMs) / spanMs) * 100}%`
  // The last one has no room for its text at the end.
  const ticks = axisTicks(spanMs, isNarrow ? 3 : 6).filter((ms) => ms <= spanMs * LAST_TICK)
  const toggle = (stepId: string) => {
    const next = new Set(open)
    if (!next.delete(stepId)) next.add(stepId)
    setOpen(next)
  }
  return (
    <section className="waterfall" aria-label="Waterfall">
      <div className="waterfall-axis" aria-hidden="true">
        <span />
        <span className="waterfall-ticks">
          {ticks.map((ms) => (
            <span key={ms} style={{ left: place(fromMs + ms) }}>
              {ms === 0 ? '0' : formatDuration(ms)}
            </span>
          ))}
        </span>
      </div>
      <ul>
        {rows.map(({ id, stepId, depth, status, bars: own, count }) => (
          <li
            key={id}
            className={`waterfall-row ${stepId === selected ? 'selected' : ''}`}
            style={{ height: ROW }}
          >
            <span className="waterfall-name" style={{ paddingLeft: depth * 18 }}>
              {count !== undefined && depth === 0 ? (
                <button
                  type="button"
                  className="waterfall-fold"
                  aria-expanded={open.has(stepId)}
                  aria-label={`Runs of ${id}`}
                  onClick={() => toggle(stepId)}
                >
                  <Icon name={open.has(stepId) ? 'chevron-down' : 'chevron-right'} size={12} />
                </button>
              ) : (
                <span className="waterfall-fold" />
              )}
              <button
                type="button"
                className="waterfall-select"
                aria-pressed={stepId === selected}
                onClick={() => onSelect(stepId)}
              >
                <span className={`sign ${STATUS_TONES[status].tone}`} aria-hidden="true">
                  {STATUS_TONES[status].sign}
                </span>
                <span className="sr-only">{status}</span>
                {id} {count && <span className="dim number">{count}</span>}
              </button>
            </span>
            <span className="waterfall-lane">
              {own.map((bar) => (
                <BarView
                  key={`${bar.kind} ${bar.fromMs} ${bar.label}`}
                  bar={bar}
                  place={place}
                  now={isOver ? endMs : now}
                />
              ))}
              {atMs !== undefined && <span className="waterfall-cursor" style={{ left: place(atMs) }} />}
            </span>
          </li>
        ))}
      </ul>
      <p className="waterfall-legend dim small">
        <span className="bar queue" /> in the queue <span className="bar run ok" /> run{' '}
        <span className="bar run bad" /> failed attempt <span className="bar backoff" /> until the next
        attempt <span className="bar wait open" /> waits
      </p>
    </section>
  )
}

function BarView({ bar, place, now }: { bar: Bar; place: (ms: number) => string; now: number }) {
  const toMs = Math.max(bar.toMs ?? now, bar.fromMs)
  const text = `${bar.label}: ${formatDuration(toMs - bar.fromMs)}${bar.toMs === undefined ? ' so far' : ''}`
  return (
    <span
      className={`bar ${bar.kind} ${bar.outcome}`}
      title={text}
      style={{
        left: `min(${place(bar.fromMs)}, 100% - 3px)`,
        width: `max(3px, calc(${place(toMs)} - ${place(bar.fromMs)}))`,
      }}
    >
      <span className="sr-only">{text}</span>
    </span>
  )
}

/** Now, twice a second for as long as it goes on. */
function useNow(isRunning: boolean): number {
  const [now, setNow] = useState(nowMs)
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(() => setNow(nowMs()), 500)
    return () => clearInterval(timer)
  }, [isRunning])
  return now
}
