import { useState } from 'react'
import { Link } from 'wouter'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { ClockTime } from '../../components/relative-time.tsx'
import { formatCount, formatDuration } from '../../data/format.ts'
import { SeverityBadge } from '../cameras/severity.tsx'
import type { Draft } from './draft.ts'
import { useReplay } from './use-replay.ts'

const SPANS: readonly [label: string, ms: number][] = [
  ['5 min', 300_000],
  ['1 h', 3_600_000],
  ['24 h', 86_400_000],
  ['7 d', 604_800_000],
]
const SHOWN = 100

/** What the rules as they are drawn would have raised: the same tracker and rules, over what was seen then. */
export function ReplayPanel({ camera, draft, isValid }: { camera: string; draft: Draft; isValid: boolean }) {
  const [lengthMs, setLength] = useState(SPANS[0]![1])
  const { replay, start } = useReplay(camera)
  return (
    <section className="card padded stack" aria-label="What these rules would have raised">
      <h2>What these rules would have raised</h2>
      <div className="row">
        <select
          className="input"
          aria-label="Over the last"
          value={lengthMs}
          onChange={(event) => setLength(Number(event.target.value))}
        >
          {SPANS.map(([label, ms]) => (
            <option key={ms} value={ms}>
              the last {label}
            </option>
          ))}
        </select>
        <button
          type="button"
          className="button"
          disabled={!isValid || replay.state === 'running'}
          onClick={() => void start(draft, lengthMs)}
        >
          <Icon name="play" /> Try them
        </button>
      </div>
      <div aria-live="polite" className="stack">
        {replay.state === 'running' && (
          <p className="row">
            <span className="spinner" /> Running over the past…
            {replay.taskId && <Link href={`/tasks/${replay.taskId}`}>its task</Link>}
          </p>
        )}
        {replay.state === 'failed' && <ErrorPanel problem={replay.problem} />}
        {replay.state === 'done' && <ReplayResult {...replay} isOld={replay.draft !== draft} />}
      </div>
    </section>
  )
}

function ReplayResult({
  result,
  taskId,
  isOld,
}: Extract<ReturnType<typeof useReplay>['replay'], { state: 'done' }> & { isOld: boolean }) {
  const { frames, events, byRule, firstMs, lastMs, timesRealTime } = result
  if (frames === 0)
    return (
      <p className="dim">
        Nothing that was seen then is kept. What cameras see is kept where <code>MURMUR_RECORDINGS_DIR</code>{' '}
        names a folder.
      </p>
    )
  return (
    <>
      {isOld && <p className="camera-warning">The rules have been changed since: try them again.</p>}
      <p>
        <strong className="number">{formatCount(events.filter(({ isAlert }) => isAlert).length)}</strong>{' '}
        alerts, of <span className="number">{formatCount(events.length)}</span> times that a rule came true,
        in {firstMs !== undefined && lastMs !== undefined && formatDuration(lastMs - firstMs)} (
        {formatCount(frames)} frames, {Math.round(timesRealTime)} times as fast as it was).
      </p>
      <p className="row">
        <Link href={`/tasks/${taskId}`}>Its task</Link>
      </p>
      <ul className="plain">
        {Object.entries(byRule).map(([rule, { events: count, alerts }]) => (
          <li key={rule}>
            <strong>{rule}</strong>{' '}
            <span className="dim number">
              {alerts} {alerts === 1 ? 'alert' : 'alerts'}, {count} {count === 1 ? 'time' : 'times'}
            </span>
          </li>
        ))}
      </ul>
      <ol className="replayed plain" aria-label="Events">
        {events.slice(0, SHOWN).map((event) => (
          <li key={event.id} className="row" data-quiet={!event.isAlert || undefined}>
            <ClockTime atMs={event.atMs} /> <SeverityBadge severity={event.rule.severity} /> {event.message}
            {!event.isAlert && <span className="dim">within the cooldown</span>}
          </li>
        ))}
      </ol>
      {events.length > SHOWN && <p className="dim">and {formatCount(events.length - SHOWN)} more</p>}
    </>
  )
}
