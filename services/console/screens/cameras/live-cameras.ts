import type { CameraState, Tracks } from '#schemas/camera.ts'
import { nowMs } from '../../data/clock.ts'
import type { LiveEvent } from '../../data/live-stream.ts'
import { extendTrails, hasMoved, type Trail } from './motion.ts'

/** What is known of one monitor just now. */
export interface LiveCamera {
  readonly state?: CameraState
  /** When it told that, by the clock of this page. */
  readonly stateHeardAtMs?: number
  readonly tracks?: Tracks
  readonly trails: readonly Trail[]
  /** When something last moved, by the clock of this page. */
  readonly movedAtMs?: number
  /** When it was last heard of, by the clock of this page. */
  readonly heardAtMs: number
}

/** What was seen in one frame, and the ways that it came. */
export interface SeenFrame {
  readonly tracks: Tracks
  readonly trails: readonly Trail[]
  /** By the clock of this page. */
  readonly heardAtMs: number
}

/** Frames of one camera that are remembered until the picture of one of them comes: some seconds of them. */
const MAX_SEEN = 64

/** As the edge names the frame that a picture shows. Pure. */
export function frameName({ epoch, seq }: Pick<Tracks, 'epoch' | 'seq'>): string {
  return `${epoch}/${seq}`
}

/** What monitors see, each to be followed by itself: a frame of one camera draws nothing of the others anew. */
export class LiveCameras {
  readonly #cameras = new Map<string, LiveCamera>()
  readonly #seen = new Map<string, SeenFrame[]>()
  readonly #listeners = new Map<string, Set<() => void>>()
  readonly #onNew: (monitor: string) => void
  readonly #clock: () => number

  /** @param onNew told of a monitor that was not heard of before */
  constructor(onNew: (monitor: string) => void = () => {}, clock: () => number = nowMs) {
    this.#onNew = onNew
    this.#clock = clock
  }

  readonly take = (events: readonly LiveEvent[]): void => {
    const changed = new Set<string>()
    for (const { event, data } of events) {
      if (event !== 'tracks' && event !== 'state') continue
      const { monitor } = data as { monitor?: unknown }
      if (typeof monitor !== 'string') continue
      const heardAtMs = this.#clock()
      const before = this.#cameras.get(monitor)
      if (!before) this.#onNew(monitor)
      if (event === 'state')
        this.#cameras.set(monitor, {
          ...{ trails: [], ...before, state: data as CameraState },
          ...{ stateHeardAtMs: heardAtMs, heardAtMs },
        })
      else {
        const tracks = data as Tracks
        const isNewer = before?.tracks?.epoch === tracks.epoch
        const trails = extendTrails(isNewer ? (before?.trails ?? []) : [], tracks)
        this.#remember(monitor, { tracks, trails, heardAtMs })
        this.#cameras.set(monitor, {
          ...before,
          tracks,
          heardAtMs,
          trails,
          ...(hasMoved(before?.tracks, tracks) && { movedAtMs: heardAtMs }),
        })
      }
      changed.add(monitor)
    }
    for (const monitor of changed) for (const listener of this.#listeners.get(monitor) ?? []) listener()
  }

  get(monitor: string): LiveCamera | undefined {
    return this.#cameras.get(monitor)
  }

  /** What was seen in a frame, by its name; without one, in the newest. Undefined: not heard of, or long ago. */
  seen(monitor: string, name?: string): SeenFrame | undefined {
    const frames = this.#seen.get(monitor)
    return name === undefined ? frames?.at(-1) : frames?.findLast(({ tracks }) => frameName(tracks) === name)
  }

  #remember(monitor: string, frame: SeenFrame): void {
    const frames = this.#seen.get(monitor) ?? []
    if (frames.push(frame) > MAX_SEEN) frames.shift()
    this.#seen.set(monitor, frames)
  }

  subscribe(monitor: string, listener: () => void): () => void {
    const of = this.#listeners.get(monitor) ?? new Set()
    this.#listeners.set(monitor, of.add(listener))
    return () => {
      of.delete(listener)
      if (of.size === 0) this.#listeners.delete(monitor)
    }
  }
}
