import { join } from 'node:path'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { MediaFacts } from '#platform/media/media-facts.ts'
import { startMediaProcess } from '#platform/media/media-process.ts'
import { createPrivateFolder } from '#platform/media/private-folder.ts'
import { lastErrorLine } from '#platform/media/stderr-tail.ts'
import type { YuvPicture } from '../../pictures/picture.ts'
import { copyArguments, displaySize } from '../decode/decode-plan.ts'
import { openFrameSocket } from '../decode/frame-socket.ts'
import type { FfmpegProgram } from '../ffmpeg-program.ts'
import { CAPTURE_LIMITS, type CaptureWaits } from '../limits.ts'
import { type MonitorRecorder, type OpeningRecorder, RECORDED_CODECS } from '../recording/monitor-recorder.ts'
import { inputArguments, inputEnvironment } from '../source/input-arguments.ts'
import type { Opening, VideoInput } from '../source/video-input.ts'
import { createSourcePatience } from '../source-patience.ts'
import { decodePicture } from './decode-picture.ts'
import { createFragmentRing, type FragmentRing } from './fragment-ring.ts'

/** How the main stream of a camera is, whose substream is analysed. */
export interface MainStreamState {
  status: 'connecting' | 'live' | 'offline'
  reason?: string
  /** Pixels. */
  size?: { width: number; height: number }
}

/** The main stream of a camera beside the substream that is analysed: recorded and kept for moments as it comes, decoded only for pictures. */
export interface MainStream {
  readonly state: MainStreamState
  /** The picture of a moment (Unix milliseconds), else of the newest; undefined when there is none, or too many are asked for. */
  picture(atMs?: number): Promise<YuvPicture | undefined>
  close(): Promise<void>
}

export interface MainStreamDeps {
  ffmpeg: FfmpegProgram
  clock: Clock
  waits: Pick<CaptureWaits, 'cameraStallMs' | 'firstConnectMs'>
  recorder?: Pick<MonitorRecorder, 'open'> | undefined
  /** Called when the state has changed. */
  onState: (state: MainStreamState) => void
}

/** What comes at a time: so late a picture can be had. Milliseconds. */
const FRAGMENT_MS = 200
/** What is not there yet is waited for. Milliseconds. */
const PICTURE_WAIT_MS = 1200
const POLL_MS = 40
/** Pictures that are decoded at a time: each takes tens to hundreds of milliseconds of a core. */
const MAX_DECODED = 2

/** Follows a main stream until it is closed: what fails is opened again, and never ends the monitor, which lives by the substream. */
export function followMainStream(source: VideoInput, deps: MainStreamDeps): MainStream {
  const { ffmpeg, clock, waits, onState } = deps
  const over = new AbortController()
  const patience = createSourcePatience({ isRecording: false, firstConnectMs: waits.firstConnectMs })
  let state: MainStreamState = { status: 'connecting' }
  let ring: FragmentRing = createFragmentRing()
  let size: { width: number; height: number } | undefined
  let decoded = 0

  function setState(next: MainStreamState): void {
    state = next
    onState(next)
  }

  async function follow(): Promise<void> {
    let known: MediaFacts | undefined
    while (!over.signal.aborted) {
      let trouble: MurmurError
      try {
        const opening = await (known && source.reopen
          ? source.reopen(known, over.signal)
          : source.open(over.signal))
        known = opening.facts
        const why = await read(opening)
        if (why.isOther) known = undefined
        trouble = source.takeFault() ?? new MurmurError('SOURCE_UNAVAILABLE', why.text)
      } catch (error) {
        if (over.signal.aborted) return
        trouble =
          error instanceof MurmurError ? error : new MurmurError('SOURCE_UNAVAILABLE', messageOf(error))
      }
      if (over.signal.aborted) return
      setState({ status: 'offline', reason: trouble.message.slice(0, 300), ...(size && { size }) })
      const verdict = patience.failed(trouble, clock.monotonicMs())
      // What can't be mended is tried once a minute: somebody may have changed the camera.
      await clock.sleep(verdict.kind === 'wait' ? verdict.ms : CAPTURE_LIMITS.refusedMs.later, over.signal)
    }
  }

  /** Reads it until it ends. @returns why, and whether it is to be looked at anew */
  async function read(opening: Opening): Promise<{ text: string; isOther: boolean }> {
    const { facts } = opening
    assertKept(opening)
    ring = createFragmentRing()
    size = { width: facts.width, height: facts.height }
    const recording = deps.recorder?.open({ facts, isCamera: true, originMs: () => undefined })
    const folder = await createPrivateFolder('main')
    const paths = { pictures: join(folder.path, 'pictures'), record: join(folder.path, 'record') }
    const reading = startMediaProcess(ffmpeg.path, mainArguments(opening, paths, ffmpeg, recording), {
      ...{ stdin: 'ignore', stdout: 'ignore', env: inputEnvironment(opening.spec) },
    })
    const ended = new AbortController()
    let frameMs = clock.monotonicMs()
    let parts = 0
    const onPart = (part: Uint8Array) => {
      frameMs = clock.monotonicMs()
      if (parts++ === 0) patience.opened()
      try {
        ring.take(part, clock.nowMs())
      } catch {
        // What ffmpeg writes is no file any more: it is begun anew.
        void reading.end()
        return
      }
      if (state.status !== 'live' && ring.newestMs !== undefined)
        setState({ status: 'live', ...(size && { size }) })
    }
    const sockets = [
      openFrameSocket(paths.pictures, takingAll(onPart), ended.signal),
      ...(recording
        ? [
            openFrameSocket(
              paths.record,
              takingAll((part) => recording.take(part)),
              ended.signal,
            ),
          ]
        : []),
    ]
    let isStalled = false
    const stall = setInterval(() => {
      if (clock.monotonicMs() - frameMs < waits.cameraStallMs) return
      isStalled = true
      void reading.end()
    }, POLL_MS * 5)
    const onAbort = () => void reading.end()
    over.signal.addEventListener('abort', onAbort, { once: true })
    if (over.signal.aborted) onAbort()
    try {
      await reading.closed
    } finally {
      clearInterval(stall)
      over.signal.removeEventListener('abort', onAbort)
      ended.abort()
      for (const socket of sockets) socket.close()
      recording?.ended(reading.stderrTail(), parts)
      await Promise.all([recording?.close(), folder.remove(), opening.close()])
    }
    if (isStalled) return { text: `no frame came for ${waits.cameraStallMs / 1000} s`, isOther: false }
    const tail = reading.stderrTail()
    return {
      text: tail.trim() === '' ? 'the source ended' : `the source ended: ${lastErrorLine(tail)}`,
      isOther: parts === 0,
    }
  }

  async function picture(atMs?: number): Promise<YuvPicture | undefined> {
    const untilMs = clock.monotonicMs() + PICTURE_WAIT_MS
    for (;;) {
      if (state.status !== 'live' || over.signal.aborted) return undefined
      const { newestMs } = ring
      const wantedMs = atMs ?? newestMs
      if (wantedMs !== undefined && newestMs !== undefined && newestMs > wantedMs - 1) {
        // The newest moment is the end of the last frame.
        const part = ring.partAt(Math.min(wantedMs, newestMs - 1))
        if (!part || !size || decoded >= MAX_DECODED) return undefined
        decoded++
        try {
          return await decodePicture(ffmpeg.path, part, displaySize(size, CAPTURE_LIMITS.mainPictureWidthPx))
        } finally {
          decoded--
        }
      }
      if (clock.monotonicMs() >= untilMs) return undefined
      await clock.sleep(POLL_MS, over.signal)
    }
  }

  const following = follow().finally(() => source.close())
  following.catch(() => undefined)
  return {
    get state() {
      return state
    },
    picture: (atMs) => picture(atMs).catch(() => undefined),
    async close() {
      over.abort()
      await following.catch(() => undefined)
    },
  }
}

/** @throws MurmurError UNSUPPORTED_FORMAT for what is no camera's, or can't be kept as it comes */
function assertKept({ spec, facts }: Opening): void {
  if (facts.durationSec !== undefined && spec.kind !== 'device')
    throw new MurmurError(
      'UNSUPPORTED_FORMAT',
      'the main stream is a recording: a substream belongs to a camera',
    )
  if (!RECORDED_CODECS.has(facts.codec))
    throw new MurmurError(
      'UNSUPPORTED_FORMAT',
      `the main stream comes as ${facts.codec}, and only one that is encoded can be kept for pictures`,
    )
}

function mainArguments(
  { spec, facts }: Pick<Opening, 'spec' | 'facts'>,
  paths: { pictures: string; record: string },
  { version }: Pick<FfmpegProgram, 'version'>,
  recording: OpeningRecorder | undefined,
): string[] {
  return [
    ...['-hide_banner', '-v', 'error', '-nostats', '-nostdin'],
    ...inputArguments(spec, { isCamera: true, paced: false, version: version[0], isKnown: true }),
    ...copyArguments(paths.pictures, facts.codec, FRAGMENT_MS),
    ...(recording ? copyArguments(paths.record, facts.codec) : []),
  ]
}

function takingAll(take: (part: Uint8Array) => void) {
  return {
    isHeld: false,
    take(part: Uint8Array) {
      take(part)
      return part.length
    },
  }
}

/** Sides of pictures may be rounded: shapes that differ by less are the same. */
const SAME_SHAPE = 0.03

/**
 * Why zones that were drawn on one of two streams may not hold on the other; undefined when they do: coordinates are shares of the
 * picture, so all that counts is that both show the same. Pure.
 */
export function shapeWarning(
  main: { width: number; height: number },
  sub: { width: number; height: number },
): string | undefined {
  const shape = (size: { width: number; height: number }) => size.width / size.height
  if (Math.abs(shape(main) / shape(sub) - 1) <= SAME_SHAPE) return undefined
  return `the main stream has ${main.width} × ${main.height} and the analysed one ${sub.width} × ${sub.height}, another shape: zones and boxes fit both only if the camera squeezes the same view into it; where it crops, choose streams of one shape`
}
