import type { Rational } from '#platform/media/rational.ts'
import type { Tracks } from '#schemas/camera.ts'
import type { CaptureInput } from '#schemas/monitor-steps.ts'
import { drawOverlay } from '../../pictures/overlay.ts'
import { type OverlayScene, objectLabel } from '../../pictures/overlay-scene.ts'
import type { YuvPicture } from '../../pictures/picture.ts'
import { CAPTURE_LIMITS } from '../limits.ts'
import { counted } from '../progress.ts'
import type { ClipEncoder, ClipFormat } from './clip-encoder.ts'

export interface ClipWriterDeps {
  input: Pick<CaptureInput, 'camera' | 'zones' | 'lines'>
  /** A frame, while it is kept. */
  picture: (seq: number) => YuvPicture | undefined
  /** Frames a second of what is analysed; known when the first frame is there. */
  rate: () => Rational
  startEncoder: (format: ClipFormat) => Promise<ClipEncoder>
  /** Called once, when the clip can't be made: the analysis goes on. */
  onFailure: (error: unknown) => void
}

/** Draws what was seen into the frames and makes a clip of them. */
export interface ClipWriter {
  /** Frames that wait to be drawn. */
  readonly waiting: number
  /** Frames that were not drawn in time. */
  readonly dropped: number
  /** What was seen in a frame has come back: it and those before it can be drawn. */
  add(tracks: Tracks): void
  /** Frames up to this one are drawn with what was seen last. */
  addRest(lastSeq: number): void
  /** Draws what waits and gives the clip; undefined when there is none. */
  finish(): Promise<Buffer | undefined>
  discard(): Promise<void>
}

interface Job {
  seq: number
  tracks: Tracks | undefined
}

/** One frame at a time and in order, off the path of the analysis: when it can't follow, frames of the clip are left out. */
export function createClipWriter(deps: ClipWriterDeps): ClipWriter {
  const jobs: Job[] = []
  let lastSeq = 0
  let dropped = 0
  let latest: Tracks | undefined
  let encoder: { open: ClipEncoder; format: ClipFormat } | undefined
  let working: Promise<void> | undefined
  let hasFailed = false

  function queue(job: Job): void {
    if (hasFailed || jobs.length >= CAPTURE_LIMITS.clipBacklog) dropped++
    else jobs.push(job)
    working ??= work()
  }

  async function work(): Promise<void> {
    // Not in the caller's turn, and not before `working` is set.
    await undefined
    try {
      for (let job = jobs.shift(); job; job = jobs.shift()) await draw(job)
    } catch (error) {
      hasFailed = true
      jobs.length = 0
      deps.onFailure(error)
    }
    // In the same turn in which no more jobs were found.
    working = undefined
  }

  async function draw({ seq, tracks }: Job): Promise<void> {
    const picture = deps.picture(seq)
    // The pixels are copied before the first wait, so that the ring may use them again.
    const drawing = picture && drawOverlay(picture, clipScene(deps.input, tracks))
    if (!picture || !drawing) return void dropped++
    const drawn = await drawing
    const { width, height } = drawn
    if (!encoder) {
      const format = { width, height, rate: deps.rate() }
      encoder = { open: await deps.startEncoder(format), format }
    }
    // A source that has changed its size meanwhile does not fit into the clip.
    const fits = encoder.format.width === width && encoder.format.height === height
    if (!fits || !(await encoder.open.write(drawn.rgb))) dropped++
  }

  return {
    get waiting() {
      return jobs.length
    },
    get dropped() {
      return dropped
    },
    add(tracks) {
      for (let seq = lastSeq + 1; seq < tracks.seq; seq++) queue({ seq, tracks: latest })
      if (tracks.seq <= lastSeq) return
      lastSeq = tracks.seq
      latest = tracks
      queue({ seq: lastSeq, tracks })
    },
    addRest(last) {
      for (let seq = lastSeq + 1; seq <= last; seq++) queue({ seq, tracks: latest })
      lastSeq = Math.max(lastSeq, last)
    },
    async finish() {
      while (working) await working
      return hasFailed || !encoder ? undefined : encoder.open.finish()
    },
    async discard() {
      hasFailed = true
      jobs.length = 0
      await working
      await encoder?.open.discard()
    },
  }
}

/** What is drawn over a frame of the clip. Pure. */
export function clipScene(
  { camera, zones, lines }: Pick<CaptureInput, 'camera' | 'zones' | 'lines'>,
  tracks: Pick<Tracks, 'tracks' | 'persons' | 'vehicles' | 'mediaMs'> | undefined,
): OverlayScene {
  const occupied = new Set(tracks?.tracks.flatMap((track) => track.zones))
  return {
    zones: zones.map((zone) => ({ ...zone, active: occupied.has(zone.id) })),
    lines,
    boxes: (tracks?.tracks ?? []).map((track) => ({
      box: track.box,
      class: track.class,
      label: objectLabel(track),
      predicted: track.predicted,
    })),
    caption: {
      title: camera,
      details: tracks
        ? [
            counted(tracks.persons, 'person'),
            counted(tracks.vehicles, 'vehicle'),
            `${(tracks.mediaMs / 1000).toFixed(1)} s`,
          ]
        : [],
    },
  }
}
