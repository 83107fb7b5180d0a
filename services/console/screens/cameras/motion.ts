import type { Track, Tracks } from '#schemas/camera.ts'

/** What is drawn of one object: where it is, and where it came from. */
export interface Trail {
  readonly id: number
  /** Bottom centres of its box, oldest first: where it stood. Shares of the picture. */
  readonly points: readonly (readonly [x: number, y: number])[]
}

/** So many points of a trail are kept. */
const MAX_POINTS = 40
/** A foot point that went less far than this stands. Share of the picture. */
const STILL = 0.004

/** Where an object stands: rules go by the bottom centre of its box. Pure. */
export function footOf({ box: [left, , right, bottom] }: Pick<Track, 'box'>): readonly [number, number] {
  return [(left + right) / 2, bottom]
}

/** The trails with one frame more; of objects that are gone there is none. Pure. */
export function extendTrails(trails: readonly Trail[], { tracks }: Pick<Tracks, 'tracks'>): Trail[] {
  const known = new Map(trails.map((trail) => [trail.id, trail]))
  return tracks.map((track) => {
    const foot = footOf(track)
    const points = known.get(track.id)?.points ?? []
    const last = points.at(-1)
    if (last && Math.hypot(foot[0] - last[0], foot[1] - last[1]) < STILL) return { id: track.id, points }
    return { id: track.id, points: [...points, foot].slice(-MAX_POINTS) }
  })
}

/** Whether anything came, went or walked between two frames. Pure. */
export function hasMoved(
  before: Pick<Tracks, 'tracks'> | undefined,
  { tracks }: Pick<Tracks, 'tracks'>,
): boolean {
  if (!before) return tracks.length > 0
  if (before.tracks.length !== tracks.length) return true
  const known = new Map(before.tracks.map((track) => [track.id, track]))
  return tracks.some((track) => {
    const was = known.get(track.id)
    if (!was) return true
    const [fromX, fromY] = footOf(was)
    const [toX, toY] = footOf(track)
    return Math.hypot(toX - fromX, toY - fromY) >= STILL
  })
}

/** After the last movement pictures come on quickly for so long. Milliseconds. */
const LINGERS_MS = 3000
const PACES = {
  /** Milliseconds between two pictures. */
  large: { moving: 350, still: 2000 },
  tile: { moving: 1000, still: 10_000 },
} as const
export type PictureSize = keyof typeof PACES

/** How long after one picture the next is asked for: soon while something moves, seldom while nothing does. Milliseconds. Pure. */
export function pictureDelayMs({
  size,
  movedAtMs,
  nowMs,
}: {
  size: PictureSize
  /** When something last moved; undefined: never. */
  movedAtMs: number | undefined
  nowMs: number
}): number {
  const isMoving = movedAtMs !== undefined && nowMs - movedAtMs < LINGERS_MS
  return PACES[size][isMoving ? 'moving' : 'still']
}
