import { Badge, type Tone } from '../../components/status-badge.tsx'
import { formatCount, formatDuration } from '../../data/format.ts'
import type { LiveCamera } from './live-cameras.ts'

const TONES: Readonly<Record<string, { tone: Tone; sign: string }>> = {
  live: { tone: 'ok', sign: '●' },
  connecting: { tone: 'warn', sign: '↻' },
  offline: { tone: 'bad', sign: '✕' },
  ended: { tone: 'quiet', sign: '■' },
}

export function CameraStatusBadge({ live }: { live: LiveCamera | undefined }) {
  const status = live?.state?.status ?? 'connecting'
  return <Badge {...TONES[status]!}>{live?.state ? status : 'no word yet'}</Badge>
}

/** Frames that were lost, wherever that was. */
export function droppedOf(live: LiveCamera | undefined): number {
  return live?.state?.frames.droppedAtCapture ?? 0
}

/** In one line, for a tile. */
export function CameraLine({ live }: { live: LiveCamera | undefined }) {
  const { state, tracks } = live ?? {}
  const dropped = droppedOf(live)
  return (
    <span className="camera-line number">
      {state && <span>{state.fps.toFixed(1)} fps</span>}
      {tracks && <span>{formatDuration(Math.max(0, tracks.latencyMs))}</span>}
      {tracks && tracks.persons + tracks.vehicles > 0 && (
        <span>
          {tracks.persons > 0 && `${tracks.persons} ${tracks.persons === 1 ? 'person' : 'persons'}`}
          {tracks.persons > 0 && tracks.vehicles > 0 && ', '}
          {tracks.vehicles > 0 && `${tracks.vehicles} ${tracks.vehicles === 1 ? 'vehicle' : 'vehicles'}`}
        </span>
      )}
      {dropped > 0 && <span>{formatCount(dropped)} dropped</span>}
    </span>
  )
}

/** All of it, for the page of one camera. */
export function CameraFacts({ live }: { live: LiveCamera | undefined }) {
  const { state, tracks } = live ?? {}
  const rows: readonly [name: string, value: string | undefined][] = [
    ['Frames a second', state?.fps.toFixed(1)],
    ['Latency', tracks && formatDuration(Math.max(0, tracks.latencyMs))],
    ['Decoded', state && formatCount(state.frames.decoded)],
    ['Analysed', tracks && formatCount(tracks.frames)],
    ['Dropped at capture', state && formatCount(droppedOf(live))],
    ['Opened again', state && formatCount(state.reconnects)],
    ['Picture', state?.source && `${state.source.width} × ${state.source.height}`],
    ['Model', state?.model],
    ['Persons', tracks && String(tracks.persons)],
    ['Vehicles', tracks && String(tracks.vehicles)],
  ]
  return (
    <div className="stack">
      <dl className="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="number">{value ?? '–'}</dd>
          </div>
        ))}
      </dl>
      {state?.reason && <p className="camera-warning">{state.reason}</p>}
      {state?.modelWarning && <p className="camera-warning">{state.modelWarning}</p>}
    </div>
  )
}
