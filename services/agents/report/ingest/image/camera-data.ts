import exifr from 'exifr'
import type { ImageContent } from '#schemas/document.ts'

/**
 * What an image says about its making. Only what is listed is ever taken over: positions, serial numbers, names of
 * owners and artists, comments and maker notes identify people and stay behind.
 */
export type CameraData = Pick<ImageContent, 'exif' | 'hadPosition'>

/** The metadata of an image: TIFF data (a block of it, or a whole TIFF file), with or without the `Exif` prefix; XMP. */
export interface EmbeddedMetadata {
  exif: Uint8Array | undefined
  xmp: string | undefined
}

const MAX_TEXT = 120
const EXIF_PREFIX = 'Exif\0\0'
const POSITION = ['GPSLatitude', 'GPSLongitude', 'GPSDestLatitude', 'GPSDestLongitude', 'GPSAreaInformation']
const XMP_POSITION = /\b(?:exif:GPS(?:Latitude|Longitude)|Iptc4xmpExt:LocationCreated|photoshop:City)\b/

const TEXTS = { Make: 'cameraMake', Model: 'cameraModel', LensModel: 'lens' } as const
const NUMBERS = {
  ExposureTime: 'exposureSec',
  FNumber: 'fNumber',
  ISO: 'iso',
  FocalLength: 'focalLengthMm',
} as const

/** Camera data without anything personal. Damaged metadata counts as absent: the picture itself is what was asked for. */
export async function readCameraData({ exif, xmp }: EmbeddedMetadata): Promise<CameraData> {
  const positionInXmp = xmp !== undefined && XMP_POSITION.test(xmp)
  const blocks = exif ? await parseExif(exif) : undefined
  const tags = { ...blocks?.ifd0, ...blocks?.exif }
  return {
    exif: { ...texts(tags), ...numbers(tags), ...takenAt(tags) },
    hadPosition: positionInXmp || Object.keys(blocks?.gps ?? {}).length > 0,
  }
}

type Tags = Record<string, unknown>

async function parseExif(block: Uint8Array): Promise<{ ifd0?: Tags; exif?: Tags; gps?: Tags } | undefined> {
  const prefixed = String.fromCharCode(...block.subarray(0, EXIF_PREFIX.length)) === EXIF_PREFIX
  try {
    return await exifr.parse(prefixed ? block.slice(EXIF_PREFIX.length) : block, {
      ifd0: { pick: ['Make', 'Model', 'DateTime'] },
      exif: { pick: [...Object.keys(NUMBERS), 'LensModel', 'DateTimeOriginal', 'OffsetTimeOriginal'] },
      gps: { pick: POSITION },
      ifd1: false,
      interop: false,
      makerNote: false,
      userComment: false,
      xmp: false,
      icc: false,
      iptc: false,
      mergeOutput: false,
      reviveValues: false,
    })
  } catch {
    // exifr throws whatever the broken structure led it to. It is no fault of the picture, and there is nothing to keep.
    return undefined
  }
}

function texts(tags: Tags): Record<string, string> {
  return Object.fromEntries(
    Object.entries(TEXTS).flatMap(([tag, name]) => {
      const text = cleanText(tags[tag])
      return text ? [[name, text]] : []
    }),
  )
}

function numbers(tags: Tags): Record<string, number> {
  return Object.fromEntries(
    Object.entries(NUMBERS).flatMap(([tag, name]) => {
      const value = tags[tag]
      return typeof value === 'number' && Number.isFinite(value) && value > 0 ? [[name, value]] : []
    }),
  )
}

/** `2024:05:01 12:00:00` as ISO 8601, with the offset when the camera knew it; never moved to another zone. */
function takenAt(tags: Tags): { takenAt?: string } {
  const written = cleanText(tags.DateTimeOriginal ?? tags.DateTime ?? tags.ModifyDate)
  const match = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(written)
  if (!match || match[1] === '0000') return {}
  const offset = cleanText(tags.OffsetTimeOriginal)
  const zone = /^[+-]\d\d:\d\d$/.test(offset) ? offset : ''
  return { takenAt: `${match[1]}-${match[2]}-${match[3]}T${match[4]}${zone}` }
}

function cleanText(value: unknown): string {
  if (typeof value !== 'string') return ''
  return value
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .trim()
    .slice(0, MAX_TEXT)
}
