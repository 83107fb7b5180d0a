import { makeBox } from '../../../../../services/agents/video/recordings/media/boxes.ts'

/** Numbers of 32 bits, one behind the other. */
const words = (...values: number[]) => {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, i * 4)
  return bytes
}
const box = (type: string, ...content: Buffer[]) => makeBox(type, Buffer.concat(content))

export const TICKS_PER_SECOND = 1000
const KEY_FLAGS = 0x02000000
const DIFFERENCE_FLAGS = 0x01010000

/** The start of a stream: as much of it as is read here. Pure. */
export function smallInit({ width = 320, height = 180, codec = 'avc1' } = {}): Buffer {
  const stsd = box('stsd', words(0, 1, 8), Buffer.from(codec))
  const mdhd = box('mdhd', words(0, 0, 0, TICKS_PER_SECOND, 0))
  const tkhd = box('tkhd', words(0, 0, width * 0x10000, height * 0x10000))
  const trak = box('trak', tkhd, box('mdia', mdhd, box('minf', box('stbl', stsd))))
  const mvex = box('mvex', box('trex', words(0, 1, 1, 100, 0, DIFFERENCE_FLAGS)))
  return Buffer.concat([box('ftyp', Buffer.from('isom')), box('moov', trak, mvex)])
}

/** A fragment of frames of 100 ms each. `time`: of its first frame, milliseconds. Pure. */
export function smallFragment(time: number, { frames = 10, isKey = true, bytes = 20 } = {}): Buffer {
  const tfdt = Buffer.concat([words(0x01000000), words(0, time)])
  const trun = words(0x4, frames, isKey ? KEY_FLAGS : DIFFERENCE_FLAGS)
  const traf = box('traf', box('tfhd', words(0, 1)), box('tfdt', tfdt), box('trun', trun))
  const moof = box('moof', box('mfhd', words(0, 1)), traf)
  return Buffer.concat([moof, box('mdat', Buffer.alloc(bytes, time & 255))])
}
