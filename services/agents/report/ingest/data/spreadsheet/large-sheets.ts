import { zipOfFile } from '../../archive/zip-source.ts'
import { LARGE_SHEET_LIMITS, SHEET_LIMITS } from './sheet-limits.ts'

const SHEET = /^xl\/worksheets\/[^/]+\.xml$/i
const ROW_END = Buffer.from('row>')
const CELL_VALUE = Buffer.from('v>')

/**
 * The sheets of a workbook on disk that have more rows or cells than are held in memory, by their path in it: counted by the ends of
 * their tags, without being taken apart. None where the file cannot be understood: its reader says why.
 *
 * @throws MurmurError BROKEN_FILE, LIMIT_EXCEEDED, UNSUPPORTED_FORMAT
 */
export async function largeSheets(path: string, { signal }: { signal: AbortSignal }): Promise<string[]> {
  const zip = await zipOfFile(path)
  const large: string[] = []
  for (const [name, entry] of zip?.entries ?? []) {
    if (!SHEET.test(name) || entry.unpackedBytes < LARGE_SHEET_LIMITS.countedBytes) continue
    if (await isLarge(zip!.read(entry, LARGE_SHEET_LIMITS.partBytes), signal)) large.push(name)
  }
  return large
}

async function isLarge(xml: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<boolean> {
  let rows = 0
  let values = 0
  for await (const piece of xml) {
    signal.throwIfAborted()
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    rows += countOf(bytes, ROW_END)
    // Each value has a tag before and one behind it.
    values += countOf(bytes, CELL_VALUE) / 2
    if (rows > SHEET_LIMITS.rows || values > SHEET_LIMITS.cells) return true
  }
  return false
}

function countOf(bytes: Buffer, mark: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + mark.length)) count++
  return count
}
