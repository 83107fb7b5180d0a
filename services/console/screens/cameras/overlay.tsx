import type { Track } from '#schemas/camera.ts'
import type { IgnoreMask, Line, Zone } from '#schemas/watch-rule.ts'
import { directionMark, pointsOf } from './geometry.ts'
import type { Trail } from './motion.ts'

export interface Shapes {
  readonly zones: readonly Zone[]
  readonly lines: readonly Line[]
  readonly ignore: readonly IgnoreMask[]
}
export const NO_SHAPES: Shapes = { zones: [], lines: [], ignore: [] }

/** Zones and lines as they lie over the picture. Coordinates are shares of it, times 1000. */
export function ShapeLayer({ zones, lines, ignore }: Shapes) {
  return (
    <svg className="overlay" viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">
      {ignore.map(({ id, polygon }) => (
        <polygon key={id} className="mask" points={pointsOf(polygon)} />
      ))}
      {zones.map(({ id, polygon }) => (
        <polygon key={id} className="zone" points={pointsOf(polygon)} />
      ))}
      {lines.map(({ id, from, to }) => {
        const { middle, tip } = directionMark(from, to)
        return (
          <g key={id} className="line">
            <line x1={from[0] * 1000} y1={from[1] * 1000} x2={to[0] * 1000} y2={to[1] * 1000} />
            <line
              className="side"
              x1={middle[0] * 1000}
              y1={middle[1] * 1000}
              x2={tip[0] * 1000}
              y2={tip[1] * 1000}
            />
          </g>
        )
      })}
    </svg>
  )
}

export function ShapeNames({ zones, lines }: Shapes) {
  return (
    <>
      {[...zones.map(({ id, polygon }) => ({ id, at: topOf(polygon) })), ...lines.map(lineName)].map(
        ({ id, at }) => (
          <span
            key={id}
            className="shape-name"
            style={{ left: `clamp(34px, ${at[0] * 100}%, calc(100% - 34px))`, top: `${at[1] * 100}%` }}
          >
            {id}
          </span>
        ),
      )}
    </>
  )
}

/** Objects that are followed, with the way they came. */
export function TrackLayer({
  tracks,
  trails,
  withNames,
}: {
  tracks: readonly Track[]
  trails: readonly Trail[]
  withNames: boolean
}) {
  return (
    <>
      <svg className="overlay" viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">
        {trails.map(({ id, points }) => (
          <polyline key={id} className="trail" points={pointsOf(points)} />
        ))}
        {tracks.map(({ id, box: [left, top, right, bottom], class: kind, predicted }) => (
          <rect
            key={id}
            className={`track ${kind} ${predicted ? 'predicted' : ''}`}
            x={left * 1000}
            y={top * 1000}
            width={(right - left) * 1000}
            height={(bottom - top) * 1000}
          />
        ))}
      </svg>
      {withNames &&
        tracks.map(({ id, box: [left, top, right], label, score, class: kind, zones }) => (
          <span
            key={id}
            className={`track-name ${kind}`}
            style={{
              // At the right edge it stands to the left, so that all of it is within the picture.
              ...(left < 0.7 ? { left: `${left * 100}%` } : { right: `${(1 - right) * 100}%` }),
              top: `max(16px, ${top * 100}%)`,
            }}
          >
            {label} {id}
            <span className="more">
              {' '}
              · {Math.round(score * 100)} %{zones.length > 0 && ` · ${zones.join(', ')}`}
            </span>
          </span>
        ))}
    </>
  )
}

function topOf(polygon: readonly (readonly [number, number])[]): readonly [number, number] {
  return polygon.reduce((best, point) => (point[1] < best[1] ? point : best))
}

function lineName({ id, from, to }: Line) {
  return { id, at: [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2] as const }
}
