import type { BinaryFormat } from '../binary-format.ts'
import { zipEntriesOf } from './zip-entries.ts'

const AS_CSV = 'save it as .xlsx, or each sheet as CSV, and send that'
const AS_TEXT = 'save it as PDF or Markdown and send that; tables as CSV or .xlsx'

/** What is in a ZIP archive, by the names of its entries. Pure. */
export function formatOfZip(bytes: Uint8Array): BinaryFormat {
  const entries = zipEntriesOf(bytes)
  if (!entries) return { family: 'broken', label: 'a ZIP archive or an Office document', reason: CUT_OFF }
  const has = (name: string) => entries.has(name)
  const starts = (folder: string) => [...entries.keys()].some((name) => name.startsWith(folder))
  if (has('xl/workbook.bin')) return unsupported('an Excel workbook in binary form (.xlsb)', AS_CSV)
  if (has('[Content_Types].xml')) {
    if (starts('xl/')) return { family: 'xlsx', mediaType: XLSX, label: 'an Excel workbook' }
    if (starts('word/')) return unsupported('a Word document', AS_TEXT)
    if (starts('ppt/')) return unsupported('a PowerPoint presentation', AS_TEXT)
  }
  if (has('content.xml') && has('mimetype')) return openDocument(bytes)
  return unsupported('a ZIP archive', 'unpack it and send the files in it')
}

const CUT_OFF = 'it is cut off: its directory, which stands at the end, is missing'
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const ODS = 'application/vnd.oasis.opendocument.spreadsheet'

/** OpenDocument puts its media type first and unpacked, so that it can be told without unpacking. */
function openDocument(bytes: Uint8Array): BinaryFormat {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 256)).toString('latin1')
  if (head.includes(ODS)) return { family: 'ods', mediaType: ODS, label: 'an OpenDocument spreadsheet' }
  return unsupported('an OpenDocument file', AS_TEXT)
}

function unsupported(label: string, advice: string): BinaryFormat {
  return { family: 'unsupported', label, advice }
}
