import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { InitFacts } from '../media/fragment.ts'
import { createFragmentCutter, type FragmentBytes } from '../media/fragment-stream.ts'
import type { CameraFiles } from './camera-files.ts'
import { SegmentWriter } from './segment-writer.ts'

/** A segment ends with the first key frame after this. Stream time, milliseconds. */
const SEGMENT_MS = 60_000
/** One without key frames ends all the same. */
const MAX_SEGMENT_MS = 600_000
/** What waits for a disk that is slow, before more is let go. Bytes. */
const MAX_PENDING_BYTES = 32 * 1024 * 1024
/** The clock of the wall was set when it is off by more than this from where it would be. Milliseconds. */
const STEP_MS = 2000
/** After a fault of the disk. */
const RETRY_MS = 5000

export type DropReason = 'disk full' | 'disk fault' | 'disk slow' | 'no key frame' | 'unreadable'

export interface CameraRecorderDeps {
  files: CameraFiles
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
  line: { nowMs(): number }
  /** Whether there is room for more; makes some where it can. */
  hasRoom: () => Promise<boolean>
  onWritten: (bytes: number) => void
  onDropped: (bytes: number, reason: DropReason) => void
  /** Told when recording stops, and when it goes on: with undefined. */
  onState: (reason: string | undefined) => void
}

/** The stream of a source from one opening to its end. */
export interface RecordingSession {
  /** What ffmpeg writes: fragmented MP4. Never throws; the bytes may be used again. */
  take(part: Uint8Array): void
  /** Resolves when all of it is written. Never rejects. */
  end(): Promise<void>
}

export interface SessionAbout {
  monitor: string
  /** Of this opening, unique for the monitor. */
  session: string
  /**
   * For a source that is recorded: the time of its beginning, Unix milliseconds, as soon as that is known. Cameras go by the clock of
   * the wall.
   */
  originMs?: (() => number | undefined) | undefined
}

interface Pending {
  fragment: FragmentBytes
  /** When it was here. */
  wallMs: number
  monotonicMs: number
}

/** Writes what a source gives into segments, one session after the other. It never holds up who gives it. */
export class CameraRecorder {
  readonly #deps: CameraRecorderDeps

  constructor(deps: CameraRecorderDeps) {
    this.#deps = deps
  }

  session(about: SessionAbout): RecordingSession {
    return new Session(this.#deps, about)
  }
}

class Session implements RecordingSession {
  readonly #deps: CameraRecorderDeps
  readonly #about: SessionAbout
  readonly #cutter = createFragmentCutter({
    onInit: (init, facts) => {
      this.#init = { bytes: Buffer.from(init), facts }
    },
    onFragment: (fragment) => this.#queue(fragment),
  })
  readonly #pending: Pending[] = []
  #pendingBytes = 0
  #init: { bytes: Buffer; facts: InitFacts } | undefined
  #writer: SegmentWriter | undefined
  #pumping: Promise<void> | undefined
  #isBroken = false
  #isEnding = false
  #blockedUntilMs = Number.NEGATIVE_INFINITY
  /** From the monotonic clock to stream time, and to the clock of the wall. Milliseconds. */
  #anchorMs: number | undefined
  #nextAnchorMs: number | undefined
  #wallOffsetMs: number | undefined
  #isStepped = false

  constructor(deps: CameraRecorderDeps, about: SessionAbout) {
    this.#deps = deps
    this.#about = about
  }

  take(part: Uint8Array): void {
    if (this.#isBroken) return
    try {
      this.#cutter.take(part)
    } catch (error) {
      this.#isBroken = true
      this.#deps.onDropped(part.length, 'unreadable')
      this.#deps.onState(`the stream can't be recorded: ${messageOf(error)}`)
    }
  }

  async end(): Promise<void> {
    this.#isEnding = true
    await this.#pumping
    if (this.#pending.length > 0) await this.#pump()
    await this.#closeSegment()
  }

  #queue(fragment: FragmentBytes): void {
    const { clock, onDropped } = this.#deps
    if (this.#pendingBytes + fragment.bytes.length > MAX_PENDING_BYTES) {
      onDropped(fragment.bytes.length, 'disk slow')
      return
    }
    this.#pendingBytes += fragment.bytes.length
    this.#pending.push({ fragment, wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() })
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined
    })
  }

  async #pump(): Promise<void> {
    // Where the source began is known with its first frame; at its end it is not waited for any more.
    while (this.#pending.length > 0 && (this.#isEnding || this.#hasOrigin())) {
      const next = this.#pending.shift()!
      this.#pendingBytes -= next.fragment.bytes.length
      await this.#write(next)
    }
  }

  #hasOrigin(): boolean {
    const { originMs } = this.#about
    return !originMs || originMs() !== undefined
  }

  /** Never rejects: what the disk refuses is counted and let go. */
  async #write({ fragment, wallMs, monotonicMs }: Pending): Promise<void> {
    const { onWritten, onDropped } = this.#deps
    const bytes = fragment.bytes.length
    this.#follow({ fragment, wallMs, monotonicMs })
    if (this.#writer && this.#shouldEnd(this.#writer, fragment)) await this.#closeSegment()
    if (!this.#writer && !(await this.#openSegment(fragment))) return
    try {
      await this.#writer!.append(fragment, fragment.bytes)
      onWritten(bytes)
    } catch (error) {
      this.#fail(error)
      await this.#closeSegment()
      onDropped(bytes, reasonOf(error))
    }
  }

  /** Where stream time lies on the clocks; and whether that of the wall was set since the segment began. */
  #follow({ fragment, wallMs, monotonicMs }: Pending): void {
    const endMs = this.#ms(fragment.time + fragment.duration)
    // A fragment is here when it is over, or later: the earliest says where the stream lies.
    const anchorMs = monotonicMs - endMs
    this.#nextAnchorMs = Math.min(this.#nextAnchorMs ?? anchorMs, anchorMs)
    this.#anchorMs ??= anchorMs
    const offsetMs = wallMs - monotonicMs
    this.#wallOffsetMs ??= offsetMs
    if (Math.abs(offsetMs - this.#wallOffsetMs) <= STEP_MS) return
    this.#wallOffsetMs = offsetMs
    this.#isStepped = !this.#about.originMs
  }

  #shouldEnd({ segment }: SegmentWriter, { time, isKey }: FragmentBytes): boolean {
    const streamMs = this.#ms(time)
    // Times that go back are those of another stream.
    if (streamMs < segment.streamEndMs - STEP_MS) return true
    const lastsMs = streamMs - segment.streamStartMs
    return (isKey && (this.#isStepped || lastsMs >= SEGMENT_MS)) || lastsMs >= MAX_SEGMENT_MS
  }

  async #openSegment(fragment: FragmentBytes): Promise<boolean> {
    const { clock, files, line, hasRoom, onDropped, onState } = this.#deps
    const bytes = fragment.bytes.length
    if (clock.monotonicMs() < this.#blockedUntilMs) {
      onDropped(bytes, 'disk full')
      return false
    }
    // Without one nothing of it could be shown.
    if (!fragment.isKey) {
      onDropped(bytes, 'no key frame')
      return false
    }
    try {
      if (!(await hasRoom()))
        throw Object.assign(new Error('too little of the disk is free'), { code: 'ENOSPC' })
      const streamStartMs = this.#ms(fragment.time)
      this.#writer = await SegmentWriter.create(files, {
        ...{ init: this.#init!.bytes, facts: this.#init!.facts },
        ...{ monitor: this.#about.monitor, session: this.#about.session },
        lineMs: Math.max(line.nowMs(), files.lastLineMs + 1),
        startMs: this.#wallTime(streamStartMs),
        streamStartMs,
      })
      onState(undefined)
      return true
    } catch (error) {
      this.#fail(error)
      onDropped(bytes, reasonOf(error))
      return false
    }
  }

  /** For a new segment the anchor may move: cameras have clocks of their own. */
  #wallTime(streamMs: number): number {
    const originMs = this.#about.originMs?.()
    if (originMs !== undefined) return originMs + streamMs
    this.#anchorMs = this.#nextAnchorMs
    this.#nextAnchorMs = undefined
    this.#isStepped = false
    return this.#anchorMs! + streamMs + this.#wallOffsetMs!
  }

  #fail(error: unknown): void {
    this.#blockedUntilMs = this.#deps.clock.monotonicMs() + RETRY_MS
    this.#deps.onState(`nothing is recorded: ${messageOf(error)}`)
  }

  async #closeSegment(): Promise<void> {
    const writer = this.#writer
    this.#writer = undefined
    // The index is made again from the file.
    await writer?.close().catch(() => undefined)
  }

  #ms(ticks: number): number {
    return (ticks * 1000) / this.#init!.facts.timescale
  }
}

function reasonOf(error: unknown): DropReason {
  const { code } = error as { code?: string }
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG' ? 'disk full' : 'disk fault'
}
