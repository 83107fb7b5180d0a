import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { BinaryFormat } from './binary-format.ts'
import { formatOfMagic } from './magic-bytes.ts'
import { isBinary } from './text/decode-text.ts'

export type Family =
  | 'image'
  | 'pdf'
  | 'video'
  | 'csv'
  | 'json'
  | 'ndjson'
  | 'markdown'
  | 'html'
  | 'text'
  | 'xlsx'
  | 'ods'
  | 'parquet'

export interface DetectedFormat {
  family: Family
  mediaType: string
  /** What was odd, for people: a name that does not fit the content. */
  notes: string[]
}

const HTML = { family: 'html', mediaType: 'text/html' } as const
const TEXT_FORMATS: Record<string, { family: Family; mediaType: string }> = {
  csv: { family: 'csv', mediaType: 'text/csv' },
  tsv: { family: 'csv', mediaType: 'text/tab-separated-values' },
  tab: { family: 'csv', mediaType: 'text/tab-separated-values' },
  json: { family: 'json', mediaType: 'application/json' },
  geojson: { family: 'json', mediaType: 'application/geo+json' },
  ndjson: { family: 'ndjson', mediaType: 'application/x-ndjson' },
  jsonl: { family: 'ndjson', mediaType: 'application/x-ndjson' },
  md: { family: 'markdown', mediaType: 'text/markdown' },
  markdown: { family: 'markdown', mediaType: 'text/markdown' },
  html: HTML,
  htm: HTML,
  xhtml: HTML,
  txt: { family: 'text', mediaType: 'text/plain' },
  text: { family: 'text', mediaType: 'text/plain' },
  log: { family: 'text', mediaType: 'text/plain' },
}

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** Endings of binary files: content without the right magic bytes is broken rather than unknown. */
const BINARY_ENDINGS: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  avif: 'image/avif',
  heic: 'image/heic',
  heif: 'image/heic',
  pdf: 'application/pdf',
  xlsx: XLSX,
  xlsm: XLSX,
  xltx: XLSX,
  xls: 'application/vnd.ms-excel',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  parquet: 'application/vnd.apache.parquet',
  pq: 'application/vnd.apache.parquet',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mov: 'video/quicktime',
  mkv: 'video/x-matroska',
  webm: 'video/webm',
  avi: 'video/x-msvideo',
  ts: 'video/mp2t',
  mts: 'video/mp2t',
  m2ts: 'video/mp2t',
}

/** Endings of TypeScript as well as of video; and programs call an HTML page or a text with tabs .xls so that Excel opens it. */
const TEXT_TOO = new Set(['ts', 'mts', 'xls'])

/** Media types that writers of the same kind of file confuse, so the name says nothing wrong. */
const SAME_CONTAINER = [
  new Set(['video/mp4', 'video/quicktime']),
  new Set(['video/x-matroska', 'video/webm']),
  new Set(['image/avif', 'image/heic']),
]

/**
 * Tells the format by the content first and by the name second. Pure.
 *
 * @param about.contentType what the uploader said, used only when neither content nor name tell
 * @throws MurmurError UNSUPPORTED_FORMAT, BROKEN_FILE
 */
export function detectFormat(
  bytes: Uint8Array,
  about: { name: string; contentType?: string | undefined },
): DetectedFormat {
  if (bytes.length === 0) throw new MurmurError('BROKEN_FILE', 'the file is empty')
  const ending = endingOf(about.name)
  const magic = formatOfMagic(bytes)
  if (magic) return binaryFormat(magic, ending)
  if (isBinary(bytes)) throw binaryFault(ending)
  return textFormat(bytes, ending, about.contentType)
}

/** The lower-case ending of a file name without its dot; empty when it has none. */
function endingOf(name: string): string {
  return /\.([A-Za-z0-9]{1,10})$/.exec(name)?.[1]?.toLowerCase() ?? ''
}

function binaryFormat(magic: BinaryFormat, ending: string): DetectedFormat {
  if (magic.family === 'unsupported') {
    throw new MurmurError(
      'UNSUPPORTED_FORMAT',
      `the file is ${magic.label}, which is not read; ${magic.advice}`,
    )
  }
  if (magic.family === 'broken') {
    throw new MurmurError('BROKEN_FILE', `the file begins like ${magic.label}, but ${magic.reason}`)
  }
  const named = BINARY_ENDINGS[ending] ?? TEXT_FORMATS[ending]?.mediaType
  const fits =
    named === undefined ||
    named === magic.mediaType ||
    SAME_CONTAINER.some((set) => set.has(named) && set.has(magic.mediaType))
  const notes = fits
    ? []
    : [`The name ends in .${ending}, but the content is ${magic.label}; it was read as that.`]
  return { family: magic.family, mediaType: magic.mediaType, notes }
}

function binaryFault(ending: string): MurmurError {
  if (ending in TEXT_FORMATS) {
    return new MurmurError('BROKEN_FILE', `the name ends in .${ending}, but the content is binary, not text`)
  }
  if (ending in BINARY_ENDINGS) {
    return new MurmurError('BROKEN_FILE', `the content does not start like a .${ending} file`)
  }
  return new MurmurError('UNSUPPORTED_FORMAT', 'the content is binary and of no known format')
}

function textFormat(bytes: Uint8Array, ending: string, contentType: string | undefined): DetectedFormat {
  const named = Object.hasOwn(TEXT_FORMATS, ending) ? TEXT_FORMATS[ending] : undefined
  const json = looksLikeJson(bytes)
  const html = named?.family !== 'html' && named?.family !== 'markdown' && looksLikeHtml(bytes)
  if (html && (named || TEXT_TOO.has(ending))) {
    const notes = [`The name ends in .${ending}, but the content is an HTML page; it was read as that.`]
    return { ...HTML, notes }
  }
  if (named?.family === 'csv' && json) {
    const notes = [`The name ends in .${ending}, but the content is JSON; it was read as that.`]
    return { family: 'json', mediaType: 'application/json', notes }
  }
  if (named) return { ...named, notes: [] }
  const byType = formatOfType(contentType)
  if (byType) return { ...byType, notes: [] }
  refuseDisguise(bytes, ending)
  if (json) return { family: 'json', mediaType: 'application/json', notes: [] }
  if (html) return { ...HTML, notes: [] }
  return { family: 'text', mediaType: 'text/plain', notes: [] }
}

/**
 * Text that is really a drawing, a playlist or the error page of a server. Drawings and playlists can name other files
 * and addresses: neither goes to a program that would follow them, and as text they say nothing.
 */
function refuseDisguise(bytes: Uint8Array, ending: string): void {
  const head = new TextDecoder().decode(bytes.subarray(0, 4096)).trimStart()
  if (isSvg(head)) {
    throw new MurmurError(
      'UNSUPPORTED_FORMAT',
      'the file is an SVG, which can carry scripts and links; send PNG',
    )
  }
  if (/^(?:#EXTM3U|ffconcat version|\[playlist\])/i.test(head)) {
    throw new MurmurError(
      'UNSUPPORTED_FORMAT',
      'the file is a playlist and holds no video; send the video itself',
    )
  }
  if (/^<\?xml[^>]*>\s*<\?mso-application progid="Excel/i.test(head)) {
    throw new MurmurError(
      'UNSUPPORTED_FORMAT',
      'the file is an Excel workbook as XML of 2003; open it, save it as .xlsx or CSV, and send that',
    )
  }
  if (Object.hasOwn(BINARY_ENDINGS, ending) && !TEXT_TOO.has(ending)) {
    throw new MurmurError('BROKEN_FILE', `the name ends in .${ending}, but the content is text`)
  }
}

/** The first element is `svg`, after what XML allows before it. */
function isSvg(head: string): boolean {
  if (!head.startsWith('<')) return false
  const prolog = /^<(?:\?[^>]*>|!--.*?-->|!DOCTYPE[^>[]*(?:\[[^\]]*\])?\s*>)\s*/is
  let rest = head
  for (let found = prolog.exec(rest); found; found = prolog.exec(rest)) rest = rest.slice(found[0].length)
  return /^<(?:\w+:)?svg[\s>/]/i.test(rest)
}

/** A page, or a bare table as programs write it for Excel. The mark of the encoding may stand before it. */
function looksLikeHtml(bytes: Uint8Array): boolean {
  const head = new TextDecoder().decode(bytes.subarray(0, 2048)).trimStart()
  const first = head.replace(/^(?:<\?xml[^>]*>|<!--.*?-->|\s)+/is, '')
  return /^<(?:!doctype\s+html|html|head|body|table)[\s>]/i.test(first)
}

/** Types that every uploader sends for anything (text/plain, octet-stream) say nothing. */
function formatOfType(contentType: string | undefined): { family: Family; mediaType: string } | undefined {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'text/plain') return undefined
  return Object.values(TEXT_FORMATS).find(({ mediaType }) => mediaType === type)
}

/** Opens and closes like a JSON object or array. A CSV file whose header starts with a bracket does not. */
function looksLikeJson(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const head = text
    .toString('latin1', 0, 512)
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart()
  const tail = text.toString('latin1', Math.max(0, text.length - 512)).trimEnd()
  if (/^\{\s*["}]/.test(head)) return tail.endsWith('}')
  return /^\[\s*([\]{["\d-]|true|false|null)/.test(head) && tail.endsWith(']')
}
