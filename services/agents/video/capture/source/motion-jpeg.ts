import type { Dispatcher } from 'undici'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { jpegPictures } from './jpeg-pictures.ts'

/** Stands between the pictures that ffmpeg gets, whatever stood there before. */
const BOUNDARY = 'murmur-picture'
export const MOTION_JPEG_TYPE = `multipart/x-mixed-replace;boundary=${BOUNDARY}`
/** A source that gives one picture at a time may fail for so long before it counts as away. */
const MISSED_MS = 4000
const RETRY_MS = 500
/** JPEG begins with it. */
const MARK = Buffer.from([0xff, 0xd8, 0xff])
const PARTS = /^multipart\//i
/** A boundary: what follows are parts, whatever they are called. */
const DASHES = /^\s*--/
const PICTURE = /^(image\/(jpe?g|pjpeg)|video\/(x-)?(motion-?)?m?jpe?g)\b/i
const OTHER_VIDEO = /^(video|audio)\//i

/** `parts`: pictures for as long as it lasts. `picture`: one, perhaps with others behind it. */
export type PictureKind = 'parts' | 'picture'

/** How a source gives JPEG pictures, by what it says and by how it begins; undefined where it gives something else. Pure. */
export function pictureKind({
  answer: { headers, statusCode },
  head,
}: {
  answer: Pick<Dispatcher.ResponseData, 'headers' | 'statusCode'>
  head: Buffer
}): PictureKind | undefined {
  if (statusCode !== 200 && statusCode !== 206) return undefined
  const type = String(headers['content-type'] ?? '').trim()
  if (PARTS.test(type)) return 'parts'
  if (!OTHER_VIDEO.test(type) && DASHES.test(head.toString('latin1'))) return 'parts'
  const isPicture = head.subarray(0, MARK.length).equals(MARK)
  return PICTURE.test(type) || (isPicture && !OTHER_VIDEO.test(type)) ? 'picture' : undefined
}

export interface PictureSource {
  kind: PictureKind
  body: AsyncIterable<Uint8Array>
  /** Asks the source again, for the next picture. */
  again: () => Promise<Dispatcher.ResponseData>
  signal: AbortSignal
}

/**
 * A source of JPEG pictures as one stream of parts, each with its length. One that gives a picture at a time is asked again and again,
 * at even distances; it may miss some for four seconds.
 * @throws MurmurError SOURCE_UNAVAILABLE when it gives no picture any more; what asking throws; the signal's reason
 */
export async function* motionJpeg(
  { kind, body, again, signal }: PictureSource,
  { clock, pictureIntervalMs }: { clock: Pick<Clock, 'monotonicMs' | 'sleep'>; pictureIntervalMs: number },
): AsyncGenerator<Buffer> {
  let count = 0
  for await (const picture of jpegPictures(body)) {
    count++
    yield partOf(picture)
  }
  if (kind === 'parts' || count !== 1) return
  let pictureAtMs = clock.monotonicMs()
  let dueAtMs = pictureAtMs
  while (!signal.aborted) {
    dueAtMs = Math.max(dueAtMs + pictureIntervalMs, clock.monotonicMs())
    await clock.sleep(Math.max(0, dueAtMs - clock.monotonicMs()), signal)
    signal.throwIfAborted()
    try {
      yield partOf(await nextPicture(again))
      pictureAtMs = clock.monotonicMs()
    } catch (error) {
      signal.throwIfAborted()
      if (clock.monotonicMs() - pictureAtMs > MISSED_MS + pictureIntervalMs) throw error
      await clock.sleep(RETRY_MS, signal)
    }
  }
}

async function nextPicture(again: PictureSource['again']): Promise<Buffer> {
  const { statusCode, body } = await again()
  let first: Buffer | undefined
  // To its end, so that the connection serves the next one too.
  if (statusCode === 200) for await (const picture of jpegPictures(body)) first ??= picture
  else await body.dump()
  if (first) return first
  throw new MurmurError(
    'SOURCE_UNAVAILABLE',
    `the source gave no picture any more, but the status ${statusCode}`,
  )
}

function partOf(picture: Buffer): Buffer {
  const head = `--${BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), picture, Buffer.from('\r\n')])
}
