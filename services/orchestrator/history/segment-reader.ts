import { hash } from 'node:crypto'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { ListOrder } from '#schemas/task-requests.ts'
import { lineOpener, type OpenLine } from './archived-payloads.ts'
import { type ArchivedEvent, decodeLine } from './event-line.ts'
import {
  type Frame,
  HISTORY_SCHEMA_VERSION,
  type IndexedTaskLine,
  indexedTaskSchema,
  indexHeaderSchema,
  type ManifestEntry,
  manifestEntrySchema,
  type SegmentHeader,
  segmentHeaderSchema,
} from './segment-format.ts'
import { decompressFrames } from './zstd-frames.ts'

/** No segment that is written comes near. Bytes. */
const MAX_TEXT_BYTES = 512 * 1024 * 1024
const WITHOUT_KEYS = lineOpener(undefined)

/** @throws MurmurError INTERNAL when it can't be decompressed */
function textOf(compressed: Uint8Array, what: string, maxOutputLength = MAX_TEXT_BYTES): string {
  try {
    return decompressFrames(compressed, maxOutputLength).toString()
  } catch (cause) {
    throw new MurmurError('INTERNAL', `${what} can't be decompressed: ${messageOf(cause)}`, { cause })
  }
}

/** Refuses what a later version has written. @throws MurmurError INTERNAL, with the version by name */
export function assertKnownVersion(value: unknown, what: string): void {
  const version = (value as { schemaVersion?: unknown } | null)?.schemaVersion
  if (typeof version === 'number' && version > HISTORY_SCHEMA_VERSION)
    throw new MurmurError(
      'INTERNAL',
      `${what} is of version ${version} of the archive, this software reads up to ${HISTORY_SCHEMA_VERSION}`,
    )
}

/** An entry of the manifest. @throws MurmurError INTERNAL for what is none, or is of a later version */
export function parseManifestEntry(bytes: Uint8Array, key: string): ManifestEntry {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString())
  } catch (cause) {
    throw new MurmurError('INTERNAL', `${key} is no JSON`, { cause })
  }
  assertKnownVersion(value, key)
  const parsed = manifestEntrySchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new MurmurError('INTERNAL', `${key} is no entry: ${issue?.path.join('.')} ${issue?.message}`)
}

/** All events of a segment, in their order, with its header. @throws MurmurError INTERNAL, and what `open` throws */
export function readSegment(
  data: Uint8Array,
  what = 'the segment',
  open: OpenLine = WITHOUT_KEYS,
): { header: SegmentHeader; events: ArchivedEvent[] } {
  const lines = textOf(data, what).split('\n')
  let header: unknown
  try {
    header = JSON.parse(lines[0] ?? '')
  } catch (cause) {
    throw new MurmurError('INTERNAL', `${what} does not begin with a header`, { cause })
  }
  assertKnownVersion(header, what)
  const parsed = segmentHeaderSchema.safeParse(header)
  if (!parsed.success) throw new MurmurError('INTERNAL', `${what} does not begin with a header`)
  const events = lines.slice(1, -1).flatMap((line) => decodeLine(line) ?? [])
  return { header: parsed.data, events: events.map(open) }
}

/** Events of one task in one frame of a segment. @throws MurmurError INTERNAL, and what `open` throws */
export function readFrame(
  compressed: Uint8Array,
  taskId: string,
  frame: Frame,
  open: OpenLine = WITHOUT_KEYS,
): ArchivedEvent[] {
  const mark = `"taskId":${JSON.stringify(taskId)}`
  return textOf(compressed, 'a frame', frame.rawBytes)
    .split('\n')
    .filter((line) => line.includes(mark))
    .flatMap((line) => decodeLine(line) ?? [])
    .filter((event) => event.taskId === taskId)
    .map(open)
}

/** Whether a file is the one that its entry names. Pure. */
export function isIntact(bytes: Uint8Array, file: ManifestEntry['data']): boolean {
  return bytes.length === file.bytes && hash('sha256', bytes, 'hex') === file.sha256
}

/**
 * The index of a segment in memory: its text, and where in it the line of each task begins. Tasks that ended come first, newest first.
 */
export class SegmentIndex {
  readonly frames: readonly Frame[]
  /** It takes so much memory. */
  readonly bytes: number
  readonly #text: Buffer
  /** Sorted, with the places of their lines. */
  readonly #hashes: Float64Array
  readonly #offsets: Uint32Array
  /** Of the tasks that ended, in their order. */
  readonly #ended: Uint32Array

  /** @throws MurmurError INTERNAL */
  constructor(compressed: Uint8Array, what = 'the index') {
    const text = textOf(compressed, what)
    this.#text = Buffer.from(text)
    const end = text.indexOf('\n')
    const header: unknown = JSON.parse(text.slice(0, end))
    assertKnownVersion(header, what)
    this.frames = indexHeaderSchema.parse(header).frames
    const places: { hash: number; offset: number }[] = []
    const ended: number[] = []
    for (let offset = Buffer.byteLength(text.slice(0, end)) + 1; offset < this.#text.length; ) {
      const next = this.#text.indexOf(10, offset)
      const line = this.#text.toString('utf8', offset, next)
      // The id is the first member of the line, and has no character that is escaped.
      const id = line.slice(11, line.indexOf('"', 11))
      places.push({ hash: hashOf(id), offset })
      if (line.includes(',"summary":{')) ended.push(offset)
      offset = next + 1
    }
    places.sort((a, b) => a.hash - b.hash)
    this.#hashes = Float64Array.from(places, ({ hash }) => hash)
    this.#offsets = Uint32Array.from(places, ({ offset }) => offset)
    this.#ended = Uint32Array.from(ended)
    this.bytes = this.#text.length + places.length * 16
  }

  find(taskId: string): IndexedTaskLine | undefined {
    const wanted = hashOf(taskId)
    let low = 0
    let high = this.#hashes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#hashes[middle]! < wanted) low = middle + 1
      else high = middle
    }
    for (; this.#hashes[low] === wanted; low++) {
      const line = this.#lineAt(this.#offsets[low]!)
      if (line.taskId === taskId) return line
    }
    return undefined
  }

  /** Tasks that ended, by when they were created; only those of the tenant are looked at closely. */
  *ended(tenant: string, order: ListOrder = 'newest'): Generator<IndexedTaskLine> {
    const mark = `"tenant":${JSON.stringify(tenant)}`
    for (const offset of order === 'newest' ? this.#ended : this.#ended.toReversed()) {
      const end = this.#text.indexOf(10, offset)
      const at = this.#text.indexOf(mark, offset)
      if (at >= 0 && at < end) yield this.#lineAt(offset)
    }
  }

  #lineAt(offset: number): IndexedTaskLine {
    const end = this.#text.indexOf(10, offset)
    return indexedTaskSchema.parse(JSON.parse(this.#text.toString('utf8', offset, end)))
  }
}

/** 53 bits of two hashes: of a million ids two are the same once in ten thousand times, which costs a second look. */
function hashOf(id: string): number {
  let a = 0x811c9dc5
  let b = 0x9747b28c
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i)
    a = Math.imul(a ^ code, 0x01000193)
    b = Math.imul(b ^ code, 0x5bd1e995)
  }
  return (a >>> 0) * 0x200000 + ((b >>> 0) & 0x1fffff)
}
