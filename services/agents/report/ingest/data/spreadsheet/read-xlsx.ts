import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readXml } from '../../archive/read-xml.ts'
import { readZipEntry, type ZipEntry, zipEntriesOf } from '../../archive/zip-entries.ts'
import { INGEST_LIMITS } from '../../limits.ts'
import type { Sheet, Workbook } from './sheet.ts'
import { SHEET_LIMITS } from './sheet-limits.ts'
import { type CellContext, readSheetXml } from './xlsx-sheet.ts'
import { readCellFormats, readSharedStrings } from './xlsx-styles.ts'

/** A workbook in memory: its parts by path. */
interface Package {
  bytes: Uint8Array
  entries: Map<string, ZipEntry>
  /** The most that one part may unpack to. */
  partBytes: number
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
  const entries = zipEntriesOf(bytes)
  if (!entries) throw new MurmurError('BROKEN_FILE', 'the workbook is cut off')
  const pack: Package = { bytes, entries, partBytes }
  const path = await workbookPath(pack)
  const { parts, is1904 } = await readWorkbookXml(pack, path)
  const relations = await readRelations(pack, path)
  const context = await readContext(pack, relations, is1904)
  const sheets: Sheet[] = []
  const losses: string[] = []
  for (const part of parts.slice(0, INGEST_LIMITS.tables)) {
    const relation = relations.get(part.relation)
    if (relation && !relation.type.endsWith('/worksheet')) {
      losses.push(`The sheet "${part.name}" holds a chart and no cells, and was not read.`)
      continue
    }
    if (!relation || !entries.has(relation.target)) {
      losses.push(`The sheet "${part.name}" is missing in the file.`)
      continue
    }
    sheets.push(await readSheetXml(partOf(pack, relation.target), { ...part, ...context }))
  }
  const more = parts.length - INGEST_LIMITS.tables
  if (more > 0) losses.push(`Only the first ${INGEST_LIMITS.tables} of ${parts.length} sheets were read.`)
  return { sheets, losses: [...losses, ...otherParts(pack)], notes: [] }
}

/** Charts and pictures stand in parts of their own. */
function otherParts({ entries }: Package): string[] {
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

function partOf({ bytes, entries, partBytes }: Package, path: string): AsyncIterable<Uint8Array> {
  const entry = entries.get(path)
  if (!entry) throw new MurmurError('BROKEN_FILE', `the workbook has no "${path}"`)
  return readZipEntry(bytes, entry, partBytes)
}

/** Where the relations of the package say that the workbook is; nearly always `xl/workbook.xml`. */
async function workbookPath(pack: Package): Promise<string> {
  const usual = 'xl/workbook.xml'
  if (pack.entries.has(usual) || !pack.entries.has('_rels/.rels')) return usual
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

async function readContext(
  pack: Package,
  relations: ReadonlyMap<string, Relation>,
  is1904: boolean,
): Promise<CellContext> {
  const target = (kind: string) =>
    [...relations.values()].find(({ type, target: path }) => type.endsWith(kind) && pack.entries.has(path))
      ?.target
  const [styles, strings] = [target('/styles'), target('/sharedStrings')]
  return {
    is1904,
    formats: styles === undefined ? [] : await readCellFormats(partOf(pack, styles)),
    sharedStrings: strings === undefined ? [] : await readSharedStrings(partOf(pack, strings)),
  }
}
