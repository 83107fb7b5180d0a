import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import type {
  CameraRecording,
  Clip,
  FindClipsRequest,
  GetTimelineRequest,
  ReadClipRequest,
  ReadDetectionsRequest,
} from '#schemas/recording.ts'
import {
  type ClipLayout,
  type ClipSource,
  layOutClip,
  type ReadSource,
  readClip,
} from '../media/clip-layout.ts'
import { type ReadAt, readsOf, scanSegment } from '../media/scan-segment.ts'
import { activityOf, findBlocks, readBlocks } from '../observations/read-observations.ts'
import { archiveKey } from '../store/archive-segments.ts'
import type { CameraFiles } from '../store/camera-files.ts'
import { daysOf, readEvents } from '../store/load-camera.ts'
import type { RecordingStore } from '../store/recording-store.ts'
import { dayOf, type Segment } from '../store/segment.ts'

/** In one answer; a message takes a megabyte. */
const MAX_SPANS = 1000
const MAX_EVENTS = 1000
const MAX_PARTS = 5000
const MAX_GAPS = 1000
const DETECTION_BYTES = 384 * 1024
/** Layouts that are kept: a download asks for its own again and again. */
const MAX_LAYOUTS = 8
/** A clip that is being written grows: its layout is made anew after this. Milliseconds. */
const LAYOUT_AGE_MS = 120_000
/** Of two recordings that join without a gap. Milliseconds. */
const JOIN_MS = 2000
const PARTS_OF_SPAN = 500
const MIN_STEP_MS = 5000

/** A part of the answer that one node gives. */
export interface TimelinePart {
  spans: {
    fromMs: number
    toMs: number
    store: string
    monitor: string
    codec: string
    width: number
    height: number
  }[]
  events: ReturnType<typeof timelineEvent>[]
  activity: ReturnType<typeof activityOf>
  isCut: boolean
}

/** Why nothing is recorded of a camera that is captured here, by `tenant/camera`; undefined: it is recorded. */
export type CaptureStates = ReadonlyMap<string, string | undefined>

/** Answers about the recordings of this node. Whatever is asked for is of one tenant. */
export class RecordingAnswers {
  readonly #store: RecordingStore
  readonly #states: CaptureStates
  readonly #nowMs: () => number
  readonly #layouts = new Map<string, { layouts: Promise<ClipLayout[]>; files: CameraFiles; atMs: number }>()

  constructor(store: RecordingStore, states: CaptureStates, monotonicMs: () => number) {
    this.#store = store
    this.#states = states
    this.#nowMs = monotonicMs
  }

  list(tenant: string, camera: string | undefined): CameraRecording[] {
    const found: CameraRecording[] = []
    for (const files of this.#store.cameras.values()) {
      if (files.tenant !== tenant || (camera !== undefined && files.camera !== camera)) continue
      found.push(this.#recordingOf(files))
    }
    return found
  }

  async timeline(tenant: string, request: GetTimelineRequest): Promise<TimelinePart> {
    const files = this.#find(tenant, request.camera)
    if (!files) return { spans: [], events: [], activity: [], isCut: false }
    const spans = spansOf(files, request, this.#store.id)
    const events = await eventsOf(files, request)
    const blocks = (await findBlocks(files, request)).map(({ block }) => block)
    const activity = activityOf(blocks, { ...request, stepMs: stepOf(request) })
    return {
      spans: spans.slice(0, MAX_SPANS),
      events: events.slice(0, MAX_EVENTS).map(timelineEvent),
      activity: activity.slice(0, MAX_PARTS),
      isCut: spans.length > MAX_SPANS || events.length > MAX_EVENTS,
    }
  }

  /** The clips of a span: one, unless the format of the stream has changed in it. */
  async clips(tenant: string, request: FindClipsRequest): Promise<Clip[]> {
    const layouts = await this.#layoutsFor(tenant, request, { isFresh: true })
    return layouts.map((layout, part) => {
      const { head: _head, fragments: _fragments, gaps, ...facts } = layout
      return { store: this.#store.id, part, ...facts, gaps: gaps.slice(0, MAX_GAPS) }
    })
  }

  /** @throws MurmurError RECORDING_NOT_FOUND when it is not there any more, or not as it was */
  async read(tenant: string, request: ReadClipRequest): Promise<Buffer> {
    const { part, etag, offset, bytes } = request
    const layout = (await this.#layoutsFor(tenant, request, { isFresh: false }))[part]
    if (layout?.etag !== etag) {
      const again = (await this.#layoutsFor(tenant, request, { isFresh: true }))[part]
      if (again?.etag !== etag) throw gone(request.camera)
      return this.#readFrom(tenant, request.camera, again, { from: offset, bytes })
    }
    return this.#readFrom(tenant, request.camera, layout, { from: offset, bytes })
  }

  /** What was seen, a message at a time. @param start of the last answer: `next` */
  async detections({ tenant, camera, fromMs, toMs }: ReadDetectionsRequest, start: number) {
    const files = this.#find(tenant, camera)
    if (!files) return { blocks: [], next: undefined }
    const found = await findBlocks(files, { fromMs, toMs })
    const { blocks, next } = await readBlocks(found, { start, maxBytes: DETECTION_BYTES })
    return { blocks: blocks.map((block) => block.toString('base64')), next }
  }

  #find(tenant: string, camera: string): CameraFiles | undefined {
    return this.#store.cameras.get(`${tenant}/${camera}`)
  }

  #recordingOf(files: CameraFiles): CameraRecording {
    const { segments, detections } = files
    const key = `${files.tenant}/${files.camera}`
    const reason = this.#states.get(key)
    const newest = segments.reduce((latest, { endMs }) => Math.max(latest, endMs), 0)
    const oldest = segments.reduce(
      (earliest, { startMs }) => Math.min(earliest, startMs),
      Number.POSITIVE_INFINITY,
    )
    const held = segments.filter(({ isHeld, isLocal }) => isHeld && isLocal)
    const [first] = detections
    return {
      camera: files.camera,
      store: this.#store.id,
      ...(segments.length > 0 && { fromMs: Math.round(oldest), toMs: Math.round(newest) }),
      bytes: files.bytes,
      alertBytes: held.reduce((sum, { bytes }) => sum + bytes, 0),
      segments: segments.length,
      ...(first && { detectionsFromMs: first.startMs }),
      isRecording: this.#states.has(key) && reason === undefined,
      ...(reason !== undefined && { reason }),
    }
  }

  #layoutsFor(
    tenant: string,
    request: FindClipsRequest,
    { isFresh }: { isFresh: boolean },
  ): Promise<ClipLayout[]> {
    const { camera, fromMs, toMs, monitor = '' } = request
    const key = [tenant, camera, fromMs, toMs, monitor].join(' ')
    const known = this.#layouts.get(key)
    if (known && !isFresh && this.#nowMs() - known.atMs < LAYOUT_AGE_MS) return known.layouts
    const files = this.#find(tenant, camera)
    if (!files) return Promise.resolve([])
    const layouts = this.#layOut(files, request)
    this.#layouts.delete(key)
    this.#layouts.set(key, { layouts, files, atMs: this.#nowMs() })
    if (this.#layouts.size > MAX_LAYOUTS) this.#layouts.delete(this.#layouts.keys().next().value!)
    return layouts
  }

  async #layOut(files: CameraFiles, { fromMs, toMs, monitor }: FindClipsRequest): Promise<ClipLayout[]> {
    const isOf = (segment: Segment) => [monitor, ''].includes(segment.monitor) || monitor === undefined
    const segments = files.segments.filter(
      (segment) => segment.endMs > fromMs && segment.startMs < toMs && isOf(segment),
    )
    const layouts: ClipLayout[] = []
    for (const group of groupsOf(segments)) {
      const sources: ClipSource[] = []
      for (const segment of group) {
        const scan = await scanSegment(await this.#reader(files, segment))
        if (scan && scan.fragments.length > 0)
          sources.push({ name: segment.name, startMs: segment.startMs, session: segment.session, scan })
      }
      const layout = layOutClip(sources, { fromMs, toMs })
      if (layout) layouts.push(layout)
    }
    return layouts
  }

  async #readFrom(
    tenant: string,
    camera: string,
    layout: ClipLayout,
    range: { from: number; bytes: number },
  ): Promise<Buffer> {
    const files = this.#find(tenant, camera)!
    const read: ReadSource = async (name, offset, bytes) => {
      const segment = files.segments.find((one) => one.name === name)
      if (!segment) throw gone(camera)
      return (await this.#reader(files, segment))(offset, bytes)
    }
    try {
      return await readClip(layout, range, read)
    } catch (cause) {
      if (cause instanceof MurmurError) throw cause
      throw new MurmurError('RECORDING_NOT_FOUND', `a recording of ${camera} can't be read any more`, {
        cause,
      })
    }
  }

  /** From the disk, or from the archive where it is there only. A handle is opened for each read: nothing has to be closed later. */
  async #reader(files: CameraFiles, segment: Segment): Promise<ReadAt> {
    const { archive } = this.#store.config
    if (!segment.isLocal && archive) {
      const key = archiveKey(files, segment)
      return async (from, bytes) => Buffer.from((await archive.read(key, { from, bytes })) ?? [])
    }
    const path = files.pathOf(segment)
    return async (offset, bytes) => {
      const file = await open(path, 'r')
      try {
        return await readsOf(file)(offset, bytes)
      } finally {
        await file.close()
      }
    }
  }
}

/** Recordings that can be played one behind the other. */
function groupsOf(segments: readonly Segment[]): Segment[][] {
  const groups: Segment[][] = []
  for (const segment of segments) {
    const group = groups.at(-1)
    if (group?.[0]?.init === segment.init) group.push(segment)
    else groups.push([segment])
  }
  return groups
}

function spansOf(
  files: CameraFiles,
  { fromMs, toMs }: GetTimelineRequest,
  store: string,
): TimelinePart['spans'] {
  const spans: TimelinePart['spans'] = []
  for (const { startMs, endMs, monitor, codec, width, height } of files.segments) {
    if (endMs <= fromMs || startMs >= toMs) continue
    const last = spans.at(-1)
    const joins = last && startMs - last.toMs < JOIN_MS && startMs >= last.fromMs
    if (joins && last.monitor === monitor && last.codec === codec && last.width === width)
      last.toMs = Math.max(last.toMs, Math.round(endMs))
    else
      spans.push({
        fromMs: Math.round(startMs),
        toMs: Math.round(endMs),
        store,
        monitor,
        codec,
        width,
        height,
      })
  }
  return spans
}

/** Events lie by the day on which they came in: those of the days around may be of the span. */
async function eventsOf(files: CameraFiles, { fromMs, toMs }: GetTimelineRequest): Promise<CameraEvent[]> {
  const days = new Set<string>([...files.segments, ...files.detections].map(({ lineMs }) => dayOf(lineMs)))
  const found = new Map<string, CameraEvent>()
  for (const day of new Set([...days, ...(await daysOf(files.folder))])) {
    for (const event of await readEvents(join(files.folder, day)))
      if (event.atMs >= fromMs && event.atMs < toMs) found.set(event.id, event)
  }
  return [...found.values()].toSorted((a, b) => a.atMs - b.atMs)
}

function timelineEvent({ id, monitor, subject, message, atMs, direction, count, rule }: CameraEvent) {
  return {
    ...{ id, monitor, subject, message, atMs, rule: rule.id, kind: rule.kind, severity: rule.severity },
    ...(direction && { direction }),
    ...(count !== undefined && { count }),
  }
}

/** The length of the parts that a timeline is told by: as asked, but no more parts than an answer holds. Milliseconds. */
export function stepOf({
  fromMs,
  toMs,
  stepMs,
}: Pick<GetTimelineRequest, 'fromMs' | 'toMs' | 'stepMs'>): number {
  const least = Math.ceil((toMs - fromMs) / MAX_PARTS)
  return Math.max(MIN_STEP_MS, least, stepMs ?? Math.ceil((toMs - fromMs) / PARTS_OF_SPAN))
}

function gone(camera: string): MurmurError {
  return new MurmurError(
    'RECORDING_NOT_FOUND',
    `the recording of ${camera} is not there any more, or not as it was`,
  )
}
