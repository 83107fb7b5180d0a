import type { Metadata, SharpOptions } from 'sharp'
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

/** Formats that are decoded; everything else is refused before a decoder sees a byte of it. */
export const IMAGE_FORMATS = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const
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
  const metadata = await decoding(name, () => sharp(bytes, decoderOptions()).metadata())
  assertFormat(format, metadata, name)
  const pixels = await decoding(name, () => measuredPixels(bytes))
  signal.throwIfAborted()
  const luma = lumaOf(pixels)
  const { mean, variance } = meanAndVariance(luma.values)
  const camera = await readCameraData({
    exif: metadata.exif ?? (format === 'tiff' ? bytes : undefined),
    xmp: metadata.xmpAsString ?? metadata.xmp?.toString('latin1'),
  })
  const image = {
    format,
    widthPx: metadata.autoOrient.width,
    heightPx: metadata.autoOrient.height,
    bytes: bytes.length,
    hasAlpha: metadata.hasAlpha,
    ...camera,
    palette: paletteOf(pixels),
    brightness: rounded(mean),
    contrast: rounded(Math.sqrt(variance)),
    sharpness: rounded(laplacianVariance(luma)),
    perceptualHash: differenceHash(luma),
    thumbnail: await storeThumbnail(pixels, context),
  }
  return { image, notes: notesOn(metadata, camera) }
}

function notesOn({ pages = 1 }: Metadata, { hadPosition }: CameraData): string[] {
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
async function measuredPixels(bytes: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(bytes, decoderOptions())
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
