import { type FileHandle, open, rm } from 'node:fs/promises'
import { makeBox } from '../media/boxes.ts'
import type { Fragment, InitFacts } from '../media/fragment.ts'
import { NOTE_BOX } from '../media/scan-segment.ts'
import type { CameraFiles } from './camera-files.ts'
import { fileName, type Segment, VIDEO_SUFFIX } from './segment.ts'

export interface SegmentStart {
  init: Buffer
  facts: InitFacts
  lineMs: number
  /** Of its first frame: Unix milliseconds, and stream time. */
  startMs: number
  streamStartMs: number
  monitor: string
  session: string
}

/** A file of recorded video while it is written: what was written is whole at every moment, up to the last fragment. */
export class SegmentWriter {
  readonly segment: Segment
  readonly #files: CameraFiles
  readonly #file: FileHandle
  readonly #timescale: number
  readonly #keyframes: number[] = []

  private constructor(files: CameraFiles, file: FileHandle, segment: Segment, timescale: number) {
    this.#files = files
    this.#file = file
    this.segment = segment
    this.#timescale = timescale
  }

  /** @throws Error of the file system */
  static async create(files: CameraFiles, start: SegmentStart): Promise<SegmentWriter> {
    const { facts, monitor, session, streamStartMs } = start
    const times = { lineMs: start.lineMs, startMs: Math.round(start.startMs) }
    const name = fileName(times, VIDEO_SUFFIX)
    await files.makeFolder(times.lineMs)
    const path = files.pathOf({ name, lineMs: times.lineMs })
    const file = await open(path, 'wx', 0o600)
    const note = makeBox(NOTE_BOX, Buffer.from(JSON.stringify({ v: 1, monitor, session })))
    const head = Buffer.concat([start.init, note])
    try {
      await file.write(head)
    } catch (error) {
      await file.close()
      await rm(path, { force: true })
      throw error
    }
    const segment: Segment = {
      ...{ name, ...times, endMs: times.startMs, streamStartMs, streamEndMs: streamStartMs },
      ...{ bytes: head.length, monitor, session, init: facts.id },
      ...{ codec: facts.codec, width: facts.width, height: facts.height },
      ...{ isActive: false, isOpen: true, isHeld: false, isLocal: true },
    }
    files.addSegment(segment)
    return new SegmentWriter(files, file, segment, facts.timescale)
  }

  /** @throws Error of the file system; the file is then as it was before */
  async append(fragment: Fragment, bytes: Buffer): Promise<void> {
    const { segment } = this
    const at = segment.bytes
    try {
      const { bytesWritten } = await this.#file.write(bytes, 0, bytes.length, at)
      if (bytesWritten < bytes.length) throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' })
    } catch (error) {
      await this.#file.truncate(at).catch(() => undefined)
      throw error
    }
    const ms = (ticks: number) => (ticks * 1000) / this.#timescale
    if (fragment.isKey) this.#keyframes.push(Math.round(ms(fragment.time)))
    const streamEndMs = ms(fragment.time + fragment.duration)
    const endMs = segment.startMs + Math.round(streamEndMs - segment.streamStartMs)
    this.#files.extendSegment(segment, { endMs, streamEndMs, bytes: at + bytes.length })
  }

  /** Rejects when the file or its index could not be written; what was written can be used all the same. */
  async close(): Promise<void> {
    this.segment.isOpen = false
    try {
      // A power cut takes what is being written, and nothing before it.
      await this.#file.sync()
    } finally {
      await this.#file.close()
    }
    await this.#files.writeIndex(this.segment, this.#keyframes)
  }
}
