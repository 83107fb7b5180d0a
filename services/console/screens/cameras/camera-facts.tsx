import type { CameraView, CameraViewStatus } from '#schemas/camera-view.ts'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Badge, type Tone } from '../../components/status-badge.tsx'
import { formatCount, formatDuration } from '../../data/format.ts'
import { hasPictures } from './camera-now.ts'
import {
  detectStreamText,
  droppedOf,
  inputText,
  kindText,
  mainStreamText,
  stillText,
  warningsOf,
} from './camera-words.ts'
import type { LiveCamera } from './live-cameras.ts'

const TONES: Readonly<Record<CameraViewStatus, { tone: Tone; sign: string }>> = {
  live: { tone: 'ok', sign: '●' },
  lagging: { tone: 'warn', sign: '◔' },
  blind: { tone: 'bad', sign: '◌' },
  connecting: { tone: 'warn', sign: '↻' },
  offline: { tone: 'bad', sign: '✕' },
  unwatched: { tone: 'bad', sign: '?' },
  waiting: { tone: 'warn', sign: '○' },
  ended: { tone: 'quiet', sign: '■' },
}

export function CameraStatusBadge({ view }: { view: CameraView | undefined }) {
  if (!view) return <Badge tone="quiet">no word yet</Badge>
  return <Badge {...TONES[view.status]}>{view.status}</Badge>
}

/** In two lines, for a tile: how it is going, and what it is. */
export function CameraLine({ view, live }: { view: CameraView | undefined; live: LiveCamera | undefined }) {
  if (!view) return <span className="camera-line" />
  const { tracks } = live ?? {}
  const dropped = droppedOf(view)
  const latencyMs = tracks?.latencyMs ?? view.ageMs
  const still = stillText(view)
  const kind = kindText(view)
  return (
    <>
      <span className="camera-line number">
        {hasPictures(view.status) && <span>{view.fps.toFixed(1)} fps</span>}
        {latencyMs !== undefined && view.fps > 0 && <span>{formatDuration(Math.max(0, latencyMs))}</span>}
        {dropped > 0 && <span>{formatCount(dropped)} dropped</span>}
        {still !== undefined && (
          <span title="Share of frames that were not looked at, because nothing had moved">
            still {still}
          </span>
        )}
        {tracks && tracks.persons + tracks.vehicles > 0 && (
          <span>
            {tracks.persons > 0 && `${tracks.persons} ${tracks.persons === 1 ? 'person' : 'persons'}`}
            {tracks.persons > 0 && tracks.vehicles > 0 && ', '}
            {tracks.vehicles > 0 && `${tracks.vehicles} ${tracks.vehicles === 1 ? 'vehicle' : 'vehicles'}`}
          </span>
        )}
      </span>
      {kind !== '' && <span className="camera-line camera-kind">{kind}</span>}
    </>
  )
}

/** What speaks against what is seen there; a line each on a tile. */
export function CameraWarnings({
  view,
  isShort = false,
}: {
  view: CameraView | undefined
  isShort?: boolean
}) {
  const warnings = view ? warningsOf(view) : []
  if (warnings.length === 0) return null
  return (
    <ul className={isShort ? 'camera-warnings short' : 'camera-warnings'}>
      {warnings.map((text) => (
        <li key={text} title={isShort ? text : undefined}>
          {text}
        </li>
      ))}
    </ul>
  )
}

/** All of it, for the page of one camera. */
export function CameraFacts({ view, live }: { view: CameraView | undefined; live: LiveCamera | undefined }) {
  const { tracks } = live ?? {}
  const latencyMs = tracks?.latencyMs ?? view?.ageMs
  const rows: readonly [name: string, value: string | undefined][] = [
    ['Frames a second', view?.fps.toFixed(1)],
    ['Analysed a second', view?.analysedFps?.toFixed(1)],
    ['Latency', latencyMs === undefined ? undefined : formatDuration(Math.max(0, latencyMs))],
    ['Lag of the stream', view?.lagMs === undefined ? undefined : formatDuration(Math.max(0, view.lagMs))],
    ['Detection reads', view && detectStreamText(view)],
    ['Main stream', view && mainStreamText(view)],
    ['Decoding', view?.decoding?.method],
    ['Network is given', view && inputText(view)],
    ['Model', view?.model],
    ['Nothing moved in', view && stillText(view)],
    ['Decoded', view && formatCount(view.frames.decoded)],
    ['Analysed', tracks && formatCount(tracks.frames)],
    ['Dropped at capture', view && formatCount(view.frames.droppedAtCapture)],
    ['Dropped at detection', view && formatCount(view.frames.droppedAtDetection)],
    ['Opened again', view && formatCount(view.reconnects)],
    ['Backlog cut', view?.cuts === undefined ? undefined : formatCount(view.cuts)],
    ['Site', view?.site],
    ['Persons', tracks && String(tracks.persons)],
    ['Vehicles', tracks && String(tracks.vehicles)],
  ]
  return (
    <div className="stack">
      <dl className="facts">
        {rows.flatMap(([name, value]) =>
          value === undefined
            ? []
            : [
                <div key={name}>
                  <dt>{name}</dt>
                  <dd className="number">{value}</dd>
                </div>,
              ],
        )}
        {view && (
          <div>
            <dt>{view.status[0]!.toUpperCase() + view.status.slice(1)} since</dt>
            <dd>
              <RelativeTime atMs={view.sinceMs} />
            </dd>
          </div>
        )}
      </dl>
      <CameraWarnings view={view} />
      {view?.decoding?.reason && (
        <p className="dim small">
          Decoding by {view.decoding.method}: {view.decoding.reason}
        </p>
      )}
    </div>
  )
}
