import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type FrameHeader, frameHeaderSchema } from '#schemas/frame.ts'

/** A frame as it travels on `frames.<tenant>.<camera>`. */
export interface Frame {
  header: FrameHeader
  /** width × contentHeight × 3 bytes in planes: green, blue, red. */
  planes: Uint8Array
}

const LENGTH_BYTES = 4
const MAX_HEADER_BYTES = 4096
const decoder = new TextDecoder()

/** Bytes of a frame's pixels: the border below the content is not among them. */
export function pixelBytes({ width, contentHeight }: Pick<FrameHeader, 'width' | 'contentHeight'>): number {
  return width * contentHeight * 3
}

/** Enough for the message of a frame with this many bytes of pixels. */
export function frameMessageBytes(pixels: number): number {
  return LENGTH_BYTES + MAX_HEADER_BYTES + pixels
}

/** The message for a frame; a part of `into`, when that is given and large enough. */
export function encodeFrame({ header, planes }: Frame, into?: Buffer): Uint8Array {
  const json = Buffer.from(JSON.stringify(header))
  const bytes = LENGTH_BYTES + json.length + planes.length
  const message = into && into.length >= bytes ? into.subarray(0, bytes) : Buffer.allocUnsafe(bytes)
  message.writeUInt32BE(json.length, 0)
  message.set(json, LENGTH_BYTES)
  message.set(planes, LENGTH_BYTES + json.length)
  return message
}

/**
 * The frame in a message; its pixels are a view into it, not a copy.
 * @throws MurmurError INVALID_REQUEST when it is none: a length that is not true, a header that is none, pixels missing
 */
export function decodeFrame(message: Uint8Array): Frame {
  if (message.length < LENGTH_BYTES) throw broken('it has no header')
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  const headerBytes = view.getUint32(0)
  if (headerBytes > MAX_HEADER_BYTES || LENGTH_BYTES + headerBytes > message.length)
    throw broken(`a header of ${headerBytes} bytes does not fit`)
  const planes = message.subarray(LENGTH_BYTES + headerBytes)
  const header = frameHeaderSchema.safeParse(
    parse(message.subarray(LENGTH_BYTES, LENGTH_BYTES + headerBytes)),
  )
  if (!header.success) throw broken(header.error.issues[0]?.message ?? 'its header is none')
  const { width, height, contentWidth, contentHeight } = header.data
  if (contentWidth > width || contentHeight > height)
    throw broken(`a content of ${contentWidth} × ${contentHeight} does not fit into ${width} × ${height}`)
  const bytes = pixelBytes(header.data)
  if (planes.length !== bytes)
    throw broken(`${width} × ${contentHeight} pixels need ${bytes} bytes, it has ${planes.length}`)
  return { header: header.data, planes }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch {
    // Refused by the schema right after, with a better reason.
    return undefined
  }
}

function broken(why: string): MurmurError {
  return new MurmurError('INVALID_REQUEST', `not a frame: ${why}`)
}
