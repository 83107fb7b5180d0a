import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readXml } from '../../archive/read-xml.ts'
import { type ZipSource, zipOfBytes } from '../../archive/zip-source.ts'
import { INGEST_LIMITS } from '../../limits.ts'
import type { NumberFormat } from './number-format.ts'
import type { Sheet, Workbook } from './sheet.ts'
import { SHEET_LIMITS } from './sheet-limits.ts'
import { type CellContext, readSheetXml } from './xlsx-sheet.ts'
import { readCellFormats, readSharedStrings } from './xlsx-styles.ts'

/** The parts of a workbook by path. */
interface Package {
  zip: ZipSource
  /** The most that one part may unpack to. */
  partBytes: number
}

/** What of a workbook is to know before its sheets are read. */
export interface OpenWorkbook {
  context: CellContext
  sheets: SheetSource[]
  losses: string[]
}

/** A sheet that is not read yet. */
export interface SheetSource {
  name: string
  isHidden: boolean
  /** Of its XML in the workbook. */
  path: string
  /** Its XML; may be read more than once. */
  xml(): AsyncIterable<Uint8Array>
}

interface SheetPart {
  name: string
  isHidden: boolean
  relation: string
}

interface Relation {
  type: string
  target: string
}

/**
 * All sheets of an .xlsx file with the values that its program computed, and what of the workbook is no cell.
 *
 * @throws MurmurError BROKEN_FILE, LIMIT_EXCEEDED, UNSUPPORTED_FORMAT
 */
export async function readXlsx(
  bytes: Uint8Array,
  { partBytes = SHEET_LIMITS.partBytes }: { partBytes?: number } = {},
): Promise<Workbook> {
  const strings: string[] = []
  const { sheets, context, losses } = await openXlsx(zipOfBytes(bytes), { partBytes, strings })
  const read: Sheet[] = []
  for (const { name, isHidden, xml } of sheets)
    read.push(await readSheetXml(xml(), { name, isHidden, ...context }))
  return { sheets: read, losses, notes: [] }
}

/**
 * What an .xlsx file says of its sheets, formats and shared texts.
 *
 * @param strings takes the shared texts
 * @throws MurmurError BROKEN_FILE, LIMIT_EXCEEDED, UNSUPPORTED_FORMAT
 */
export async function openXlsx(
  zip: ZipSource | undefined,
  { partBytes, strings }: { partBytes: number; strings: SharedStringList },
): Promise<OpenWorkbook> {
  if (!zip) throw new MurmurError('BROKEN_FILE', 'the workbook is cut off')
  const pack: Package = { zip, partBytes }
  const book = await workbookPath(pack)
  const { parts, is1904 } = await readWorkbookXml(pack, book)
  const relations = await readRelations(pack, book)
  const formats = await readFormats(pack, { relations, strings })
  const sheets: SheetSource[] = []
  const losses: string[] = []
  for (const part of parts.slice(0, INGEST_LIMITS.tables)) {
    const relation = relations.get(part.relation)
    const entry = relation && zip.entries.get(relation.target)
    if (relation && !relation.type.endsWith('/worksheet')) {
      losses.push(`The sheet "${part.name}" holds a chart and no cells, and was not read.`)
    } else if (!relation || !entry) {
      losses.push(`The sheet "${part.name}" is missing in the file.`)
    } else {
      const { name, isHidden } = part
      const path = relation.target
      sheets.push({ name, isHidden, path, xml: () => partOf(pack, path) })
    }
  }
  const more = parts.length - INGEST_LIMITS.tables
  if (more > 0) losses.push(`Only the first ${INGEST_LIMITS.tables} of ${parts.length} sheets were read.`)
  return {
    sheets,
    context: { is1904, formats, sharedStrings: strings },
    losses: [...losses, ...otherParts(zip)],
  }
}

/** Texts by number. */
export type SharedStringList = CellContext['sharedStrings'] & { push(text: string): unknown }

/** Charts and pictures stand in parts of their own. */
function otherParts({ entries }: ZipSource): string[] {
  const count = (pattern: RegExp) => [...entries.keys()].filter((name) => pattern.test(name)).length
  const charts = count(/^xl\/charts\/chart[^/]*\.xml$/)
  const pictures = count(/^xl\/media\/[^/]+$/)
  const found = [
    charts > 0 && (charts === 1 ? '1 chart' : `${charts} charts`),
    pictures > 0 && (pictures === 1 ? '1 picture' : `${pictures} pictures`),
  ].filter((each) => each !== false)
  if (found.length === 0) return []
  return [`${found.join(' and ')} of the workbook ${charts + pictures === 1 ? 'was' : 'were'} not read.`]
}

function partOf({ zip, partBytes }: Package, path: string): AsyncIterable<Uint8Array> {
  const entry = zip.entries.get(path)
  if (!entry) throw new MurmurError('BROKEN_FILE', `the workbook has no "${path}"`)
  return zip.read(entry, partBytes)
}

/** Where the relations of the package say that the workbook is; nearly always `xl/workbook.xml`. */
async function workbookPath(pack: Package): Promise<string> {
  const usual = 'xl/workbook.xml'
  if (pack.zip.entries.has(usual) || !pack.zip.entries.has('_rels/.rels')) return usual
  const relations = await readRelationsAt(pack, '_rels/.rels', '')
  return [...relations.values()].find(({ type }) => type.endsWith('/officeDocument'))?.target ?? usual
}

async function readWorkbookXml(
  pack: Package,
  path: string,
): Promise<{ parts: SheetPart[]; is1904: boolean }> {
  const parts: SheetPart[] = []
  let is1904 = false
  await readXml(partOf(pack, path), {
    open(name, attributes) {
      if (name === 'workbookPr') is1904 = attributes.date1904 === '1' || attributes.date1904 === 'true'
      else if (name === 'sheet') {
        const isHidden = attributes.state === 'hidden' || attributes.state === 'veryHidden'
        parts.push({
          name: attributes.name ?? '',
          isHidden,
          relation: attributes['r:id'] ?? idOf(attributes),
        })
      }
    },
  })
  return { parts, is1904 }
}

/** The prefix of relations is free. */
function idOf(attributes: Record<string, string>): string {
  return Object.entries(attributes).find(([name]) => name.endsWith(':id'))?.[1] ?? ''
}

function readRelations(pack: Package, path: string): Promise<Map<string, Relation>> {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  return readRelationsAt(pack, `${folder}_rels/${path.slice(folder.length)}.rels`, folder)
}

async function readRelationsAt(pack: Package, path: string, folder: string): Promise<Map<string, Relation>> {
  const relations = new Map<string, Relation>()
  await readXml(partOf(pack, path), {
    open(name, { Id, Type = '', Target = '' }) {
      if (name !== 'Relationship' || Id === undefined) return
      relations.set(Id, { type: Type, target: Target.startsWith('/') ? Target.slice(1) : folder + Target })
    },
  })
  return relations
}

/** The formats of cells; shared texts go to their list. */
async function readFormats(
  pack: Package,
  { relations, strings }: { relations: ReadonlyMap<string, Relation>; strings: SharedStringList },
): Promise<NumberFormat[]> {
  const target = (kind: string) =>
    [...relations.values()].find(
      ({ type, target: path }) => type.endsWith(kind) && pack.zip.entries.has(path),
    )?.target
  const [styles, texts] = [target('/styles'), target('/sharedStrings')]
  if (texts !== undefined) await readSharedStrings(partOf(pack, texts), strings)
  return styles === undefined ? [] : readCellFormats(partOf(pack, styles))
}
