import { createHash } from 'node:crypto'
import { boxesIn, findBox } from './boxes.ts'

/** What stands before the first fragment of a stream: what its codec is, and in which units its times are. */
export interface InitFacts {
  /** Ticks a second. */
  timescale: number
  /** As ISO files name it: `avc1`, `hvc1`, `mp4v` … */
  codec: string
  /** Pixels. */
  width: number
  height: number
  /** Duration and flags of a sample where its fragment does not say. Ticks. */
  sampleDuration: number
  sampleFlags: number
  /** The same for streams that can be played one behind the other. */
  id: string
}

/** Some frames that stand together: what a stream is cut at. */
export interface Fragment {
  /** Decode time of its first frame, and how long it lasts. Ticks. */
  time: number
  duration: number
  frames: number
  /** Whether its first frame can be decoded without those before it. */
  isKey: boolean
}

const SAMPLE_IS_DIFFERENCE = 0x10000

/**
 * What an init says (`ftyp` and `moov`, with one track of video). Pure.
 * @throws RangeError when it is none
 */
export function initFacts(init: Buffer): InitFacts {
  const mdhd = findBox(init, 'moov', 'trak', 'mdia', 'mdhd')
  const stsd = findBox(init, 'moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd')
  const tkhd = findBox(init, 'moov', 'trak', 'tkhd')
  const trex = findBox(init, 'moov', 'mvex', 'trex')
  if (!mdhd || !stsd || !tkhd || !trex) throw new RangeError('the start of a stream has no track')
  const end = tkhd.offset + tkhd.size
  const timescale = init.readUInt32BE(mdhd.content + (init[mdhd.content] === 1 ? 20 : 12))
  if (timescale === 0) throw new RangeError('the start of a stream has no unit of time')
  return {
    timescale,
    codec: init.toString('latin1', stsd.content + 12, stsd.content + 16),
    width: init.readUInt32BE(end - 8) / 0x10000,
    height: init.readUInt32BE(end - 4) / 0x10000,
    sampleDuration: init.readUInt32BE(trex.content + 12),
    sampleFlags: init.readUInt32BE(trex.content + 20),
    id: idOf(init.subarray(stsd.offset, stsd.offset + stsd.size), timescale),
  }
}

function idOf(descriptions: Buffer, timescale: number): string {
  return createHash('sha256').update(descriptions).update(String(timescale)).digest('hex').slice(0, 16)
}

/**
 * What the `moof` of a fragment says. Pure.
 * @throws RangeError when it is none
 */
export function fragmentFacts(
  moof: Buffer,
  init: Pick<InitFacts, 'sampleDuration' | 'sampleFlags'>,
): Fragment {
  const traf = findBox(moof, 'moof', 'traf')
  const tfdt = findBox(moof, 'moof', 'traf', 'tfdt')
  const tfhd = findBox(moof, 'moof', 'traf', 'tfhd')
  if (!traf || !tfdt || !tfhd) throw new RangeError('a fragment says nothing of its time')
  const defaults = readDefaults(moof, tfhd.content, init)
  let duration = 0
  let frames = 0
  let firstFlags: number | undefined
  for (const box of boxesIn(moof, traf.content, traf.offset + traf.size)) {
    if (box.type !== 'trun') continue
    const run = readRun(moof, box.content, defaults)
    firstFlags ??= run.firstFlags
    duration += run.duration
    frames += run.frames
  }
  const time =
    moof[tfdt.content] === 1
      ? Number(moof.readBigUInt64BE(tfdt.content + 4))
      : moof.readUInt32BE(tfdt.content + 4)
  const isKey = firstFlags !== undefined && (firstFlags & SAMPLE_IS_DIFFERENCE) === 0
  return { time, duration, frames, isKey }
}

interface SampleDefaults {
  duration: number
  flags: number
}

function readDefaults(
  moof: Buffer,
  content: number,
  init: Pick<InitFacts, 'sampleDuration' | 'sampleFlags'>,
): SampleDefaults {
  const flags = moof.readUInt32BE(content) & 0xffffff
  let at = content + 8
  if (flags & 0x1) at += 8
  if (flags & 0x2) at += 4
  const has = { duration: flags & 0x8, size: flags & 0x10, flags: flags & 0x20 }
  const duration = has.duration ? moof.readUInt32BE(at) : init.sampleDuration
  at += (has.duration ? 4 : 0) + (has.size ? 4 : 0)
  return { duration, flags: has.flags ? moof.readUInt32BE(at) : init.sampleFlags }
}

function readRun(moof: Buffer, content: number, defaults: SampleDefaults) {
  const flags = moof.readUInt32BE(content) & 0xffffff
  const frames = moof.readUInt32BE(content + 4)
  let at = content + 8
  if (flags & 0x1) at += 4
  const given = flags & 0x4 ? moof.readUInt32BE(at) : undefined
  if (given !== undefined) at += 4
  const fields = [0x100, 0x200, 0x400, 0x800].filter((bit) => flags & bit)
  const ownFlags = flags & 0x400 ? fields.indexOf(0x400) * 4 : undefined
  const firstFlags = given ?? (ownFlags === undefined ? defaults.flags : moof.readUInt32BE(at + ownFlags))
  let duration = frames * defaults.duration
  if (flags & 0x100) {
    duration = 0
    for (let i = 0; i < frames; i++) duration += moof.readUInt32BE(at + i * fields.length * 4)
  }
  return { frames, duration, firstFlags }
}

/**
 * Writes another time and another number into the `moof` of a fragment, so that it can stand elsewhere.
 * @param time ticks
 */
export function moveFragment(moof: Buffer, { time, number }: { time: number; number: number }): void {
  const mfhd = findBox(moof, 'moof', 'mfhd')
  const tfdt = findBox(moof, 'moof', 'traf', 'tfdt')
  if (!mfhd || !tfdt) throw new RangeError('a fragment says nothing of its time')
  moof.writeUInt32BE(number >>> 0, mfhd.content + 4)
  if (moof[tfdt.content] === 1) moof.writeBigUInt64BE(BigInt(time), tfdt.content + 4)
  else moof.writeUInt32BE(time >>> 0, tfdt.content + 4)
}
