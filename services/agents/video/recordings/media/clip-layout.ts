import { createHash } from 'node:crypto'
import { makeBox } from './boxes.ts'
import { moveFragment } from './fragment.ts'
import type { PlacedFragment, SegmentScan } from './scan-segment.ts'

/** A recorded file that a clip is made from. */
export interface ClipSource {
  /** Names it for whoever reads it. */
  readonly name: string
  /** Unix milliseconds of its first frame. */
  readonly startMs: number
  readonly session: string
  readonly scan: SegmentScan
}

/** A fragment in a clip: where it comes from, and where it stands. */
interface ClipFragment {
  readonly source: ClipSource
  readonly fragment: PlacedFragment
  /** Bytes, from the beginning of the clip. */
  readonly offset: number
  /** Ticks, from the beginning of the clip. */
  readonly time: number
  readonly number: number
}

/** A file that is put together from recorded ones while it is read; all of it is known before. */
export interface ClipLayout {
  readonly head: Buffer
  readonly fragments: readonly ClipFragment[]
  readonly bytes: number
  /** Of what it shows: Unix milliseconds. It begins with a key frame, so a little before what was asked for. */
  readonly fromMs: number
  readonly toMs: number
  /** Shown, without what is missing. Milliseconds. */
  readonly durationMs: number
  readonly frames: number
  readonly codec: string
  readonly width: number
  readonly height: number
  /** The same as long as it is made of the same files. */
  readonly etag: string
  /** What is missing in between: Unix milliseconds. */
  readonly gaps: readonly { fromMs: number; toMs: number }[]
}

/** What is missing is shown as a picture that stands for so long, at most. Milliseconds. */
const GAP_SHOWN_MS = 1000
/** Two files of one session whose times differ by less than this join without a gap. Milliseconds. */
const JOIN_MS = 250

interface Chosen {
  source: ClipSource
  fragment: PlacedFragment
  wallMs: number
}

/**
 * The clip of a span, from files that can be played behind each other, in their order. Pure.
 * @returns undefined when there is nothing that could be shown
 */
export function layOutClip(
  sources: readonly ClipSource[],
  span: { fromMs: number; toMs: number },
): ClipLayout | undefined {
  const chosen = choose(sources, span)
  const [first] = chosen
  if (!first) return undefined
  const { facts, init } = first.source.scan
  const ticks = (ms: number) => Math.round((ms * facts.timescale) / 1000)
  const ms = (time: number) => (time * 1000) / facts.timescale
  const placed: Omit<ClipFragment, 'offset'>[] = []
  const gaps: { fromMs: number; toMs: number }[] = []
  let end = 0
  let before: Chosen | undefined
  for (const one of chosen) {
    if (before && !follows(before, one, facts.timescale)) {
      const fromMs = before.wallMs + ms(before.fragment.duration)
      const gapMs = one.wallMs - fromMs
      if (gapMs > JOIN_MS) gaps.push({ fromMs: Math.round(fromMs), toMs: Math.round(one.wallMs) })
      end += ticks(Math.min(Math.max(0, gapMs), GAP_SHOWN_MS))
    } else if (before) {
      // Frames that are missing within a file leave their time.
      end += Math.max(0, one.fragment.time - before.fragment.time - before.fragment.duration)
    }
    placed.push({ source: one.source, fragment: one.fragment, time: end, number: placed.length + 1 })
    end += one.fragment.duration
    before = one
  }
  const head = Buffer.concat([init, segmentIndex(placed, end, facts.timescale)])
  let offset = head.length
  const fragments = placed.map((fragment) => {
    const at = offset
    offset += fragment.fragment.bytes
    return { ...fragment, offset: at }
  })
  const last = chosen.at(-1)!
  return {
    ...{ head, fragments, bytes: offset, gaps },
    fromMs: Math.round(first.wallMs),
    toMs: Math.round(last.wallMs + ms(last.fragment.duration)),
    durationMs: Math.round(ms(end)),
    frames: chosen.reduce((sum, { fragment }) => sum + fragment.frames, 0),
    ...{ codec: facts.codec, width: facts.width, height: facts.height },
    etag: etagOf(head, chosen),
  }
}

/** From the last key frame before the span to its end. */
function choose(
  sources: readonly ClipSource[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Chosen[] {
  const all = sources.flatMap((source) => {
    const { fragments, facts } = source.scan
    const [first] = fragments
    return fragments.map((fragment) => ({
      source,
      fragment,
      wallMs: source.startMs + ((fragment.time - first!.time) * 1000) / facts.timescale,
    }))
  })
  const isOver = ({ wallMs, fragment, source }: Chosen) =>
    wallMs + (fragment.duration * 1000) / source.scan.facts.timescale <= fromMs
  const firstWanted = all.findIndex((one) => !isOver(one) && one.wallMs < toMs)
  if (firstWanted < 0) return []
  let from = all.findLastIndex(({ fragment }, i) => i <= firstWanted && fragment.isKey)
  if (from < 0) from = all.findIndex(({ fragment }) => fragment.isKey)
  return from < 0
    ? []
    : all.slice(from).filter((one, i) => i === 0 || (one.wallMs < toMs && isShown(one, fromMs, all[from]!)))
}

/** A clock that was set back shows times again that are not meant. */
function isShown({ wallMs, source }: Chosen, fromMs: number, first: Chosen): boolean {
  return source === first.source || wallMs >= fromMs - GAP_SHOWN_MS
}

function follows(before: Chosen, next: Chosen, timescale: number): boolean {
  if (before.source === next.source) return true
  const { time, duration } = before.fragment
  const gapMs = ((next.fragment.time - time - duration) * 1000) / timescale
  return before.source.session === next.source.session && gapMs >= 0 && gapMs < JOIN_MS
}

/** A reference of an index has 16 bits for their number. */
const MAX_REFERENCES = 0xffff

/** `sidx`: where in the file which time is, so that a player knows how long it lasts and can jump. */
function segmentIndex(
  placed: readonly Omit<ClipFragment, 'offset'>[],
  end: number,
  timescale: number,
): Buffer {
  const references: { bytes: number; time: number }[] = []
  for (const { fragment, time } of placed) {
    const last = references.at(-1)
    if (last && (!fragment.isKey || references.length === MAX_REFERENCES)) last.bytes += fragment.bytes
    else references.push({ bytes: fragment.bytes, time })
  }
  const content = Buffer.alloc(32 + references.length * 12)
  content.writeUInt8(1, 0)
  content.writeUInt32BE(1, 4)
  content.writeUInt32BE(timescale, 8)
  content.writeUInt16BE(references.length, 30)
  references.forEach(({ bytes, time }, i) => {
    const at = 32 + i * 12
    content.writeUInt32BE(bytes & 0x7fffffff, at)
    content.writeUInt32BE((references[i + 1]?.time ?? end) - time, at + 4)
    content.writeUInt32BE(0x90000000, at + 8)
  })
  return makeBox('sidx', content)
}

function etagOf(head: Buffer, chosen: readonly Chosen[]): string {
  const hash = createHash('sha256').update(head)
  for (const { source, fragment } of chosen)
    hash.update(`${source.name}:${fragment.offset}:${fragment.bytes};`)
  return hash.digest('hex').slice(0, 32)
}

/** Reads a part of one of the files that a clip is made from. */
export type ReadSource = (name: string, offset: number, bytes: number) => Promise<Buffer>

/**
 * A part of a clip, as if it were a file.
 * @returns fewer bytes at its end
 * @throws what `read` throws; RangeError when a file has become shorter
 */
export async function readClip(
  { head, fragments, bytes: size }: ClipLayout,
  { from, bytes }: { from: number; bytes: number },
  read: ReadSource,
): Promise<Buffer> {
  const to = Math.min(size, from + bytes)
  const parts: Buffer[] = []
  if (from < head.length) parts.push(head.subarray(from, to))
  for (let i = firstAt(fragments, from); i < fragments.length && fragments[i]!.offset < to; i++) {
    const { fragment, source, offset, time, number } = fragments[i]!
    const start = Math.max(0, from - offset)
    const end = Math.min(fragment.bytes, to - offset)
    if (start < fragment.headBytes) {
      const moof = await whole(read, source.name, fragment.offset, fragment.headBytes)
      moveFragment(moof, { time, number })
      parts.push(moof.subarray(start, end))
    }
    const bodyAt = Math.max(start, fragment.headBytes)
    if (bodyAt < end) parts.push(await whole(read, source.name, fragment.offset + bodyAt, end - bodyAt))
  }
  return Buffer.concat(parts)
}

async function whole(read: ReadSource, name: string, offset: number, bytes: number): Promise<Buffer> {
  const found = await read(name, offset, bytes)
  if (found.length < bytes) throw new RangeError(`${name} is shorter than it was`)
  return found
}

/** The fragment that a byte lies in, or the first one behind it. */
function firstAt(fragments: readonly ClipFragment[], from: number): number {
  let low = 0
  let high = fragments.length
  while (low < high) {
    const middle = (low + high) >> 1
    const { offset, fragment } = fragments[middle]!
    if (offset + fragment.bytes <= from) low = middle + 1
    else high = middle
  }
  return low
}
