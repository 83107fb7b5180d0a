import { appendFile, mkdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { CameraEvent } from '#schemas/camera-event.ts'
import type { RecordingLimits } from '../recordings-config.ts'
import { daysOf, EVENTS_FILE, INDEX_FILE, loadDay } from './load-camera.ts'
import type { KeptFile, Tier } from './retention.ts'
import { type DetectionFile, dayOf, type Segment, type SegmentFacts } from './segment.ts'

/** An event as far as it matters for what is kept. */
interface EventMark {
  readonly id: string
  readonly atMs: number
  readonly monitor: string
}

/** A file that may be deleted, with what it is. */
export interface CameraFile extends KeptFile {
  readonly of: CameraFiles
  readonly segment?: Segment
  readonly detections?: DetectionFile
}

/** An event that comes again is known among so many: an event a second for a day. */
const MAX_MARKS = 100_000
/** A segment that grows lies near the newest ones only. */
const RECENT_MARKS = 256
/** Events of a camera on one day: what a rule that never stops raises must not fill a disk. Bytes. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024

/** Everything that is recorded of one camera: what there is in memory, and its index on disk. */
export class CameraFiles {
  readonly tenant: string
  readonly camera: string
  readonly folder: string
  /** In the order in which they were recorded. */
  readonly segments: Segment[] = []
  readonly detections: DetectionFile[] = []
  readonly #around: Pick<RecordingLimits, 'beforeMs' | 'afterMs'>
  readonly #marks = new Map<string, EventMark>()
  #recent: EventMark[] = []
  #eventBytes = { day: '', bytes: 0 }

  constructor(
    { tenant, camera, root }: { tenant: string; camera: string; root: string },
    around: Pick<RecordingLimits, 'beforeMs' | 'afterMs'>,
  ) {
    this.tenant = tenant
    this.camera = camera
    this.folder = join(root, tenant, camera)
    this.#around = around
  }

  /** Reads what is there. @returns how many segments were not in the index */
  async load(): Promise<number> {
    let rebuilt = 0
    for (const day of await daysOf(this.folder)) {
      const found = await loadDay(join(this.folder, day))
      rebuilt += found.rebuilt
      this.segments.push(...found.segments)
      this.detections.push(...found.detections)
      for (const event of found.events) this.#mark(event)
    }
    this.#holdLoaded()
    return rebuilt
  }

  /** The newest place on the line of age. */
  get lastLineMs(): number {
    return Math.max(this.segments.at(-1)?.lineMs ?? 0, this.detections.at(-1)?.lineMs ?? 0)
  }

  get bytes(): number {
    const sum = (files: readonly { bytes: number }[]) => files.reduce((total, { bytes }) => total + bytes, 0)
    return sum(this.segments.filter(({ isLocal }) => isLocal)) + sum(this.detections)
  }

  pathOf({ name, lineMs }: { name: string; lineMs: number }): string {
    return join(this.folder, dayOf(lineMs), name)
  }

  async makeFolder(lineMs: number): Promise<void> {
    await mkdir(join(this.folder, dayOf(lineMs)), { recursive: true, mode: 0o700 })
  }

  addSegment(segment: Segment): void {
    segment.isHeld = this.#isNearEvent(segment)
    this.segments.push(segment)
  }

  /** It has grown. */
  extendSegment(segment: Segment, more: Pick<SegmentFacts, 'endMs' | 'streamEndMs' | 'bytes'>): void {
    Object.assign(segment, more)
    if (!segment.isHeld) segment.isHeld = this.#isNearEvent(segment)
  }

  /** Writes what is known of a segment behind the index. @param keyframes of a segment that was just written: stream times, milliseconds */
  async writeIndex(segment: Segment, keyframes?: readonly number[]): Promise<void> {
    const { isOpen: _open, isHeld: _held, isLocal: _local, ...facts } = segment
    const line = lineOf({ ...facts, ...(keyframes && { keyframes }) })
    await appendFile(join(this.folder, dayOf(segment.lineMs), INDEX_FILE), line)
  }

  /** Something was seen at a time of the wall's clock. Milliseconds. */
  markActive(atMs: number): void {
    for (let i = this.segments.length - 1; i >= 0 && i > this.segments.length - 4; i--) {
      const segment = this.segments[i]!
      if (segment.isActive || atMs < segment.startMs || (atMs > segment.endMs && !segment.isOpen)) continue
      segment.isActive = true
      // The line says again what has changed; of one that is open there is none yet.
      if (!segment.isOpen) void this.writeIndex(segment).catch(() => undefined)
    }
  }

  /** Keeps an event, and what was recorded around it for longer. Twice as good as once. */
  async addEvent(event: CameraEvent, lineMs: number): Promise<void> {
    if (this.#marks.has(event.id)) return
    this.#mark(event)
    for (const segment of this.segments)
      if (!segment.isHeld && this.#isNear(segment, event)) segment.isHeld = true
    const day = dayOf(lineMs)
    const line = lineOf(event)
    if (this.#eventBytes.day !== day) this.#eventBytes = { day, bytes: 0 }
    this.#eventBytes.bytes += line.length
    if (this.#eventBytes.bytes > MAX_EVENT_BYTES) return
    await this.makeFolder(lineMs)
    await appendFile(join(this.folder, day, EVENTS_FILE), line)
  }

  /** Everything that takes room here. */
  files(): CameraFile[] {
    const camera = `${this.tenant}/${this.camera}`
    const kept = (file: Segment | DetectionFile, tier: Tier) => ({
      ...{
        camera,
        of: this as CameraFiles,
        lineMs: file.lineMs,
        bytes: file.bytes,
        tier,
        isOpen: file.isOpen,
      },
    })
    return [
      ...this.segments.flatMap((segment) =>
        segment.isLocal ? [{ ...kept(segment, tierOf(segment)), segment }] : [],
      ),
      ...this.detections.map((detections) => ({ ...kept(detections, 'detections'), detections })),
    ]
  }

  async delete({ segment, detections }: Pick<CameraFile, 'segment' | 'detections'>): Promise<void> {
    const file = segment ?? detections
    if (!file || file.isOpen) return
    await rm(this.pathOf(file), { force: true })
    if (segment?.isArchived) segment.isLocal = false
    else if (segment) remove(this.segments, segment)
    else if (detections) remove(this.detections, detections)
    await this.#removeEmptyDay(dayOf(file.lineMs))
  }

  /** The index of a day goes with the last of its files. */
  async #removeEmptyDay(day: string): Promise<void> {
    const isOfDay = ({ lineMs }: { lineMs: number }) => dayOf(lineMs) === day
    if (this.segments.some(isOfDay) || this.detections.some(isOfDay)) return
    const folder = join(this.folder, day)
    await Promise.all([INDEX_FILE, EVENTS_FILE].map((name) => rm(join(folder, name), { force: true })))
    await rmdir(folder).catch(() => undefined)
  }

  #mark({ id, atMs, monitor }: CameraEvent): void {
    const mark = { id, atMs, monitor }
    this.#marks.set(id, mark)
    this.#recent = [...this.#recent.slice(1 - RECENT_MARKS), mark]
    if (this.#marks.size > MAX_MARKS) this.#marks.delete(this.#marks.keys().next().value!)
  }

  #isNearEvent(segment: Segment): boolean {
    return this.#recent.some((mark) => this.#isNear(segment, mark))
  }

  /** Events in the order of their times, so that a month of both is gone through once. */
  #holdLoaded(): void {
    const marks = [...this.#marks.values()].toSorted((a, b) => a.atMs - b.atMs)
    const { beforeMs, afterMs } = this.#around
    for (const segment of this.segments) {
      let from = 0
      for (let to = marks.length; from < to; ) {
        const middle = (from + to) >> 1
        if (marks[middle]!.atMs < segment.startMs - afterMs) from = middle + 1
        else to = middle
      }
      for (; from < marks.length && marks[from]!.atMs <= segment.endMs + beforeMs; from++)
        if (this.#isNear(segment, marks[from]!)) segment.isHeld = true
    }
  }

  #isNear({ startMs, endMs, monitor }: Segment, mark: Omit<EventMark, 'id'>): boolean {
    const { beforeMs, afterMs } = this.#around
    return (
      (monitor === mark.monitor || monitor === '') &&
      endMs >= mark.atMs - beforeMs &&
      startMs <= mark.atMs + afterMs
    )
  }
}

/** A line of its own, also behind one that a full disk, or a kill, has cut short. */
function lineOf(value: object): string {
  return `\n${JSON.stringify(value)}\n`
}

function tierOf({ isHeld, isActive }: Segment): Tier {
  if (isHeld) return 'alert'
  return isActive ? 'active' : 'plain'
}

function remove<Item>(list: Item[], item: Item): void {
  const at = list.indexOf(item)
  if (at >= 0) list.splice(at, 1)
}
