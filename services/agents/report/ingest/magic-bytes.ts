import { formatOfZip } from './archive/zip-format.ts'
import type { BinaryFormat } from './binary-format.ts'

/** How a format starts: bytes in Latin-1 at an offset. */
interface Signature {
  at: number
  starts: string[]
  format: BinaryFormat
}

const image = (mediaType: string, label: string): BinaryFormat => ({ family: 'image', mediaType, label })
const video = (mediaType: string, label: string): BinaryFormat => ({ family: 'video', mediaType, label })
const unsupported = (label: string, advice: string): BinaryFormat => ({
  family: 'unsupported',
  label,
  advice,
})

const UNPACK = 'unpack it and send the files in it'

const SIGNATURES: Signature[] = [
  { at: 0, starts: ['\x89PNG\r\n\x1a\n'], format: image('image/png', 'a PNG image') },
  { at: 0, starts: ['\xff\xd8\xff'], format: image('image/jpeg', 'a JPEG image') },
  { at: 0, starts: ['GIF87a', 'GIF89a'], format: image('image/gif', 'a GIF image') },
  { at: 0, starts: ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'], format: image('image/tiff', 'a TIFF image') },
  { at: 0, starts: ['\x00\x00\x01\xba'], format: unsupported('an MPEG program stream', 'send MP4') },
  { at: 0, starts: ['\x1f\x8b'], format: unsupported('a gzip archive', UNPACK) },
  { at: 0, starts: ['7z\xbc\xaf\x27\x1c'], format: unsupported('a 7-Zip archive', UNPACK) },
  { at: 0, starts: ['Rar!\x1a\x07'], format: unsupported('a RAR archive', UNPACK) },
  { at: 0, starts: ['BZh9', 'BZh1', 'BZh6'], format: unsupported('a bzip2 archive', UNPACK) },
  { at: 0, starts: ['\xfd7zXZ\0'], format: unsupported('an xz archive', UNPACK) },
  { at: 0, starts: ['\x28\xb5\x2f\xfd'], format: unsupported('a Zstandard archive', UNPACK) },
  {
    at: 0,
    starts: ['PAR1'],
    format: { family: 'parquet', mediaType: 'application/vnd.apache.parquet', label: 'a Parquet table' },
  },
  { at: 0, starts: ['ARROW1\0\0'], format: unsupported('an Arrow or Feather table', 'save it as Parquet') },
  { at: 0, starts: ['\x89HDF'], format: unsupported('an HDF5 file', 'save its tables as Parquet or CSV') },
  { at: 0, starts: ['\x93NUMPY'], format: unsupported('a NumPy array', 'save it as CSV') },
  {
    at: 0,
    starts: ['RDX2\n', 'RDX3\n', 'RDA2\n', 'RDA3\n'],
    format: unsupported('an R data file', 'save its tables as CSV'),
  },
  {
    at: 0,
    starts: ['$FL2@(#)', '<stata_dta><header>'],
    format: unsupported('a data file of SPSS or Stata', 'save it as CSV'),
  },
  {
    at: 0,
    starts: ['SQLite format 3\0'],
    format: unsupported('an SQLite database', 'send its tables as CSV'),
  },
  { at: 0, starts: ['\x7fELF'], format: unsupported('a program', 'send documents, data, images or videos') },
  { at: 0, starts: ['OggS'], format: unsupported('an Ogg file', 'send MP4 or WebM') },
  {
    at: 0,
    starts: ['ID3', 'fLaC'],
    format: unsupported('a sound file', 'send documents, data, images or videos'),
  },
  { at: 257, starts: ['ustar'], format: unsupported('a tar archive', UNPACK) },
]

/** Brands of ISO base media files that hold still images; all others are video or sound. */
const IMAGE_BRANDS: Record<string, BinaryFormat> = {
  avif: image('image/avif', 'an AVIF image'),
  avis: image('image/avif', 'an AVIF image'),
  heic: image('image/heic', 'an HEIC image'),
  heix: image('image/heic', 'an HEIC image'),
  heim: image('image/heic', 'an HEIC image'),
  hevc: image('image/heic', 'an HEIC image'),
  mif1: image('image/heic', 'an HEIF image'),
  msf1: image('image/heic', 'an HEIF image'),
}

/** The binary format that the content starts like; null for text and for what is unknown. Pure. */
export function formatOfMagic(bytes: Uint8Array): BinaryFormat | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 2048)).toString('latin1')
  if (head.startsWith('PK\x03\x04') || head.startsWith('PK\x05\x06')) return formatOfZip(bytes)
  if (head.startsWith('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')) return oldOffice(bytes)
  for (const { at, starts, format } of SIGNATURES) {
    if (starts.some((start) => head.startsWith(start, at))) return format
  }
  return (
    riffFormat(head) ??
    isoMediaFormat(head) ??
    matroskaFormat(head) ??
    pdfFormat(head) ??
    transportStream(head)
  )
}

const AS_XLSX = 'open it and save it as .xlsx or CSV, then send that'

/** Containers of Office before 2007, and of documents with a password; names of their parts are UTF-16. */
function oldOffice(bytes: Uint8Array): BinaryFormat {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const holds = (part: string) => content.includes(Buffer.from(part, 'utf16le'))
  if (holds('EncryptedPackage')) {
    return unsupported('an Office document with a password', 'save it without the password, then send it')
  }
  if (holds('Workbook') || holds('Book'))
    return unsupported('an Excel workbook of before 2007 (.xls)', AS_XLSX)
  return unsupported(
    'an old Office document',
    'save tables as .xlsx or CSV and documents as PDF, then send that',
  )
}

function riffFormat(head: string): BinaryFormat | null {
  if (!head.startsWith('RIFF')) return null
  const form = head.slice(8, 12)
  if (form === 'WEBP') return image('image/webp', 'a WebP image')
  if (form === 'AVI ') return video('video/x-msvideo', 'an AVI video')
  return form === 'WAVE' ? unsupported('a sound file', 'send documents, data, images or videos') : null
}

function isoMediaFormat(head: string): BinaryFormat | null {
  const box = head.slice(4, 8)
  // QuickTime files of old cameras begin with the media or the index itself.
  if (['moov', 'mdat', 'wide'].includes(box) && head.charCodeAt(0) < 0x20) {
    return video('video/quicktime', 'a QuickTime video')
  }
  if (box !== 'ftyp') return null
  const brand = head.slice(8, 12)
  if (brand === 'M4A ' || brand === 'M4B ')
    return unsupported('a sound file', 'send documents, data, images or videos')
  if (brand === 'mif1' && head.slice(16, 64).includes('avif')) return IMAGE_BRANDS.avif!
  const picture = Object.hasOwn(IMAGE_BRANDS, brand) ? IMAGE_BRANDS[brand] : undefined
  if (picture) return picture
  return brand === 'qt  ' ? video('video/quicktime', 'a QuickTime video') : video('video/mp4', 'an MP4 video')
}

function matroskaFormat(head: string): BinaryFormat | null {
  if (!head.startsWith('\x1a\x45\xdf\xa3')) return null
  return head.slice(0, 128).includes('webm')
    ? video('video/webm', 'a WebM video')
    : video('video/x-matroska', 'a Matroska video')
}

/** Readers accept a PDF header anywhere in the first kilobyte; after text it is a text about PDF, so only junk may stand before. */
function pdfFormat(head: string): BinaryFormat | null {
  const at = head.slice(0, 1024).indexOf('%PDF-')
  if (at < 0 || /[A-Za-z]{3}/.test(head.slice(0, at))) return null
  return { family: 'pdf', mediaType: 'application/pdf', label: 'a PDF document' }
}

/** Packets of 188 bytes, or of 192 with a time code before each, begin with 0x47, which is also the letter G. */
function transportStream(head: string): BinaryFormat | null {
  const packets = (offset: number, length: number) =>
    [0, 1, 2, 3].every((i) => head[offset + i * length] === 'G') &&
    [...head.slice(0, length)].some((byte) => byte < '\t')
  return packets(0, 188) || packets(4, 192) ? video('video/mp2t', 'an MPEG transport stream') : null
}
