import type { Metadata, Sharp, SharpOptions } from 'sharp'
import sharp from 'sharp'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { ImageContent } from '#schemas/document.ts'
import type { AgentBlobs } from '#sdk/define-agent.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { formatOfMagic } from '../magic-bytes.ts'
import { type CameraData, readCameraData } from './camera-data.ts'
import { differenceHash, laplacianVariance, lumaOf, meanAndVariance, type Pixels } from './image-measures.ts'
import { paletteOf } from './palette.ts'
import { readHeic } from './read-heic.ts'

/** Formats that are decoded; everything else is refused before a decoder sees a byte of it. */
export const IMAGE_FORMATS = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif', 'heic'] as const
export type ImageFormat = (typeof IMAGE_FORMATS)[number]

/** The format by the first bytes, names and media types are claims of strangers; undefined for what is not decoded. Pure. */
export function imageFormatOf(bytes: Uint8Array): ImageFormat | undefined {
  const magic = formatOfMagic(bytes)
  if (magic?.family !== 'image') return undefined
  return IMAGE_FORMATS.find((format) => magic.mediaType === `image/${format}`)
}

export interface ImageContext {
  /** Of the source, for people. */
  name: string
  blobs: Pick<AgentBlobs, 'put'>
  signal: AbortSignal
}

export interface ReadImage {
  image: ImageContent
  /** What was left out: a position, further frames or pages. */
  notes: string[]
}

/**
 * Measures an image and stores its thumbnail, without any of its metadata.
 * @throws MurmurError UNSUPPORTED_FORMAT, BROKEN_FILE, LIMIT_EXCEEDED (too many pixels, or too long to decode)
 */
export async function readImage(bytes: Uint8Array, context: ImageContext): Promise<ReadImage> {
  const { name, signal } = context
  signal.throwIfAborted()
  const format = supportedFormat(bytes, name)
  const decoded = format === 'heic' ? await decodeHeic(bytes, context) : await decode(bytes, format, context)
  signal.throwIfAborted()
  const { pixels } = decoded
  const luma = lumaOf(pixels)
  const { mean, variance } = meanAndVariance(luma.values)
  const camera = await readCameraData(decoded.metadata)
  const image = {
    format,
    widthPx: decoded.widthPx,
    heightPx: decoded.heightPx,
    bytes: bytes.length,
    hasAlpha: decoded.hasAlpha,
    ...camera,
    palette: paletteOf(pixels),
    brightness: rounded(mean),
    contrast: rounded(Math.sqrt(variance)),
    sharpness: rounded(laplacianVariance(luma)),
    perceptualHash: differenceHash(luma),
    thumbnail: await storeThumbnail(pixels, context),
  }
  return { image, notes: notesOn(decoded.pages, camera) }
}

/** An image after its decoder. */
interface Decoded {
  pixels: Pixels
  widthPx: number
  heightPx: number
  hasAlpha: boolean
  pages: number
  metadata: Parameters<typeof readCameraData>[0]
}

async function decode(bytes: Uint8Array, format: ImageFormat, { name }: ImageContext): Promise<Decoded> {
  const metadata = await decoding(name, () => sharp(bytes, decoderOptions()).metadata())
  assertFormat(format, metadata, name)
  return {
    pixels: await decoding(name, () => measuredPixels(sharp(bytes, decoderOptions()))),
    widthPx: metadata.autoOrient.width,
    heightPx: metadata.autoOrient.height,
    hasAlpha: metadata.hasAlpha,
    pages: metadata.pages ?? 1,
    metadata: {
      exif: metadata.exif ?? (format === 'tiff' ? bytes : undefined),
      xmp: metadata.xmpAsString ?? metadata.xmp?.toString('latin1'),
    },
  }
}

async function decodeHeic(bytes: Uint8Array, { name, signal }: ImageContext): Promise<Decoded> {
  const { rgba, widthPx, heightPx, pictures } = await readHeic(bytes, { name, signal })
  const raw = { width: widthPx, height: heightPx, channels: 4 } as const
  const pixels = await decoding(name, () => measuredPixels(sharp(rgba, { raw })))
  // Alpha is every fourth byte; the picture is small by now.
  const hasAlpha = pixels.data.some((value, i) => i % 4 === 3 && value < 255)
  return {
    pixels,
    widthPx,
    heightPx,
    hasAlpha,
    pages: pictures,
    metadata: { exif: exifOfHeic(bytes), xmp: undefined },
  }
}

/** The block of EXIF: TIFF data behind the same prefix as in JPEG; without one the whole file, which exifr may know. */
function exifOfHeic(bytes: Uint8Array): Uint8Array {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const starts = ['Exif\0\0II*\0', 'Exif\0\0MM\0*'].map((start) => content.indexOf(start, 0, 'latin1'))
  const at = starts.find((start) => start >= 0)
  return at === undefined ? bytes : bytes.subarray(at)
}

function notesOn(pages: number, { hadPosition }: CameraData): string[] {
  const notes: string[] = []
  if (hadPosition) notes.push('The metadata told where the image was made; the position was left out.')
  if (pages > 1) notes.push(`Only the first of ${pages} frames or pages was read.`)
  return notes
}

async function storeThumbnail(pixels: Pixels, { name, blobs, signal }: ImageContext): Promise<BlobRef> {
  const webp = await thumbnailOf(pixels)
  signal.throwIfAborted()
  return blobs.put(webp, { contentType: 'image/webp', name: thumbnailName(name) })
}

function supportedFormat(bytes: Uint8Array, name: string): ImageFormat {
  const format = imageFormatOf(bytes)
  if (format) return format
  throw new MurmurError(
    'UNSUPPORTED_FORMAT',
    `"${name}" is not an image that can be read; ${IMAGE_FORMATS.join(', ')} can`,
  )
}

/** Formats share containers: what the decoder sees has to be what the first bytes promised. */
function assertFormat(format: ImageFormat, metadata: Metadata, name: string): void {
  const seen = metadata.format === 'heif' && metadata.compression === 'av1' ? 'avif' : metadata.format
  if (seen === format) return
  throw new MurmurError('UNSUPPORTED_FORMAT', `"${name}" looks like ${format} but holds ${seen}`)
}

function decoderOptions(): SharpOptions {
  return {
    limitInputPixels: INGEST_LIMITS.imagePixels,
    failOn: 'error',
    pages: 1,
    animated: false,
    sequentialRead: true,
    unlimited: false,
  }
}

/** Upright, sRGB with alpha, small enough to measure: the only time that the whole image is decoded. */
async function measuredPixels(image: Sharp): Promise<Pixels> {
  const { data, info } = await image
    .timeout({ seconds: INGEST_LIMITS.imageSeconds })
    .autoOrient()
    .resize({
      width: INGEST_LIMITS.measuredWidthPx,
      height: INGEST_LIMITS.measuredHeightPx,
      fit: 'inside',
      withoutEnlargement: true,
    })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/** Made from bare pixels, so no metadata can come along. */
function thumbnailOf({ data, width, height }: Pixels): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 4 } })
    .resize({
      width: INGEST_LIMITS.thumbnailWidthPx,
      height: INGEST_LIMITS.thumbnailHeightPx,
      fit: 'inside',
      withoutEnlargement: true,
    })
    .webp({ quality: 80 })
    .toBuffer()
}

/** Runs a step of the decoder and says in plain words why it failed. */
async function decoding<Result>(name: string, step: () => Promise<Result>): Promise<Result> {
  try {
    return await step()
  } catch (cause) {
    const reason = messageOf(cause)
    // Memory and files of this machine are no fault of the image: the step is tried again.
    if (
      /out of memory|cannot allocate|unable to (?:malloc|create thread)|too many open files|no space left/i.test(
        reason,
      )
    )
      throw cause
    if (/pixel limit/i.test(reason)) {
      const limit = `at most ${INGEST_LIMITS.imagePixels / 1e6} million pixels are read`
      throw new MurmurError('LIMIT_EXCEEDED', `"${name}" is too large an image: ${limit}`, { cause })
    }
    if (/timeout/i.test(reason)) {
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `"${name}" took longer than ${INGEST_LIMITS.imageSeconds} s to decode`,
        {
          cause,
        },
      )
    }
    throw new MurmurError('BROKEN_FILE', `"${name}" is damaged or cut off: ${firstLine(reason)}`, { cause })
  }
}

function firstLine(text: string): string {
  return (text.trim().split('\n')[0] ?? '').slice(0, 200)
}

function thumbnailName(source: string): string {
  return `${source.slice(0, 200)}.thumbnail.webp`
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
