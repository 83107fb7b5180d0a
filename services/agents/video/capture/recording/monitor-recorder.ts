import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { MediaFacts } from '#platform/media/media-facts.ts'
import { lastErrorLine } from '#platform/media/stderr-tail.ts'
import type { Subscribing } from '#platform/nats/bus.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { tracksSchema } from '#schemas/camera.ts'
import { cameraEventSchema } from '#schemas/camera-event.ts'
import type { CaptureInput } from '#schemas/monitor-steps.ts'
import type { AgentLog } from '#sdk/define-agent.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { cameraLabel } from '../../frames/camera-label.ts'
import { seenFrameSchema } from '../../recordings/observations/frame-line.ts'
import { ObservationWriter } from '../../recordings/observations/observation-writer.ts'
import type { CameraFiles } from '../../recordings/store/camera-files.ts'
import { CameraRecorder, type RecordingSession } from '../../recordings/store/camera-recorder.ts'
import type { RecordingStore } from '../../recordings/store/recording-store.ts'
import type { CameraIdentity } from '../publish/camera-state.ts'

/** The recordings of this node. */
export interface Recordings {
  readonly store: RecordingStore
  /** Why a camera that is captured here is not recorded, by `tenant/camera`; undefined: it is. */
  readonly states: Map<string, string | undefined>
  readonly metrics?: Metrics | undefined
}

export interface OpenedSource {
  facts: MediaFacts
  isCamera: boolean
  /** The time shown at its beginning, once that is known: Unix milliseconds. */
  originMs: () => number | undefined
}

/** The recording of one opening of a source. */
export interface OpeningRecorder {
  /** Takes what ffmpeg gives: fragmented MP4. Never throws. */
  take(part: Uint8Array): void
  /** The source has ended; what ffmpeg said of it. */
  ended(stderrTail: string, frames: number): void
  /** Resolves when all of it is written. Never rejects. */
  close(): Promise<void>
}

/** Records what a monitor captures, and keeps what was seen in it. */
export interface MonitorRecorder {
  /** Undefined where the video of this source is not recorded. */
  open(source: OpenedSource): OpeningRecorder | undefined
  /** From where on detections of the model count that looks at the frames from now on; what the monitor says goes before. */
  countsFrom(minScore: number): void
  /** Resolves when all is written. Never rejects. */
  close(): Promise<void>
}

export interface MonitorRecorderDeps {
  recordings: Recordings
  bus: Subscribing
  clock: Clock
  log: Pick<AgentLog, 'info' | 'warn'>
  identity: CameraIdentity
  input: Pick<CaptureInput, 'record' | 'minScore'>
}

/** What an MP4 file can hold as it comes; all else is not recorded. */
export const RECORDED_CODECS: ReadonlySet<string> = new Set(['h264', 'hevc', 'av1', 'vp9', 'mpeg4', 'mjpeg'])
/** ffmpeg says so of a stream that it can't put into a file: then it is read without recording it. */
const REFUSED =
  /Could not write header|not currently supported in container|Could not find tag|Error initializing output stream/
const TICK_MS = 500

/** Begins to keep what is seen; video follows with each opening of the source. */
export function startMonitorRecorder(deps: MonitorRecorderDeps): MonitorRecorder {
  const { recordings, bus, clock, log, identity, input } = deps
  const { store, states } = recordings
  const { tenant, camera, monitor, epoch } = identity
  if (input.record === false)
    return { open: () => undefined, countsFrom: () => undefined, close: async () => undefined }
  const key = `${tenant}/${camera}`
  const label = cameraLabel(tenant, camera)
  let modelMinScore: number | undefined
  let openings = 0
  let refusal: string | undefined
  let kept: { files: CameraFiles; recorder: CameraRecorder; observations: ObservationWriter } | undefined
  let warned = ''

  const setState = (reason: string | undefined) => {
    states.set(key, reason)
    if (reason !== undefined && reason !== warned) log.warn({ camera, reason }, 'a camera is not recorded')
    if (reason === undefined && warned !== '') log.info({ camera }, 'a camera is recorded again')
    warned = reason ?? ''
  }

  /** Recording begins when the folder is this process's; what comes before that is not kept. */
  function keep() {
    if (kept || !store.isOpen) return kept
    const files = store.cameraFor(tenant, camera)
    const recorder = new CameraRecorder({
      ...{ files, clock, line: store.line, hasRoom: () => store.hasRoom(), onState: setState },
      onWritten: (bytes) =>
        recordings.metrics?.counter('murmur_recorded_bytes_total').labels(label).inc(bytes),
      onDropped: (bytes, reason) =>
        recordings.metrics?.counter('murmur_recording_dropped_bytes_total').labels(label, reason).inc(bytes),
    })
    const observations = new ObservationWriter({
      ...{ files, clock, line: store.line, minScore: () => input.minScore ?? modelMinScore },
      onFailure: (error) => log.warn({ camera, err: messageOf(error) }, 'what was seen could not be kept'),
    })
    kept = { files, recorder, observations }
    return kept
  }

  const isOwn = (message: { monitor: string } | undefined) => message?.monitor === monitor
  const keepSeen = ({ data }: { data: Uint8Array }) => {
    const seen = readMessage(data, seenFrameSchema)
    if (seen && isOwn(seen)) keep()?.observations.detections(seen)
  }
  const ends = [
    bus.subscribe(SUBJECTS.detections(tenant, camera), keepSeen),
    bus.subscribe(SUBJECTS.gatedFrames(tenant, camera), keepSeen),
    bus.subscribe(SUBJECTS.tracks(tenant, camera), ({ data }) => {
      const tracks = readMessage(data, tracksSchema)
      if (tracks && isOwn(tracks)) keep()?.observations.tracks(tracks)
    }),
    bus.subscribe(SUBJECTS.cameraEvents(tenant, camera), ({ data }) => {
      const event = readMessage(data, cameraEventSchema)
      // What is over belongs to what began, and is also said of what never did.
      if (!event || !isOwn(event) || event.state?.phase === 'end') return
      keep()
        ?.files.addEvent(event, store.line.nowMs())
        .catch((error: unknown) => log.warn({ camera, err: messageOf(error) }, 'an event could not be kept'))
    }),
  ]
  const timer = setInterval(() => kept?.observations.tick(), TICK_MS)

  return {
    open({ facts, isCamera, originMs }) {
      const reason = refusal ?? notRecorded(input.record, { facts, isCamera })
      const recorder = reason === undefined ? keep()?.recorder : undefined
      if (reason !== '')
        setState(reason ?? (recorder ? undefined : 'another process has the folder of recordings'))
      if (!recorder) return undefined
      const session = recorder.session({
        monitor,
        session: `${monitor}-${epoch}-${++openings}`,
        originMs: isCamera ? undefined : originMs,
      })
      return openingOf(session, (why) => {
        refusal = why
      })
    },
    countsFrom(minScore) {
      modelMinScore = minScore
    },
    async close() {
      clearInterval(timer)
      for (const end of ends) end()
      states.delete(key)
      await kept?.observations.close().catch(() => undefined)
    },
  }
}

function openingOf(session: RecordingSession, refuse: (why: string) => void): OpeningRecorder {
  return {
    take: (part) => session.take(part),
    ended(stderrTail, frames) {
      if (frames === 0 && REFUSED.test(stderrTail))
        refuse(`its stream can't be put into a file: ${lastErrorLine(stderrTail)}`)
    },
    close: () => session.end(),
  }
}

/** Why the video of a source is not recorded: empty where nobody expects it to be; undefined: it is. */
function notRecorded(
  wanted: boolean | undefined,
  { facts, isCamera }: Pick<OpenedSource, 'facts' | 'isCamera'>,
): string | undefined {
  if (!(wanted ?? isCamera)) return ''
  if (RECORDED_CODECS.has(facts.codec)) return undefined
  return `its pictures come as ${facts.codec}, and only a stream that is encoded is recorded`
}
