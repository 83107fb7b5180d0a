import { zipOf } from '../../archive/zip-of.ts'

export interface WorkbookText {
  /** By name; what stands in `worksheet`. */
  sheets: Record<string, string>
  strings?: readonly string[]
  /** Ids of built-in formats, by the number that cells name in `s`. */
  formats?: readonly number[]
  is1904?: boolean
}

/** An .xlsx file of these sheets. */
export function workbookOf({ sheets, strings = [], formats = [0], is1904 = false }: WorkbookText): Buffer {
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="http://x/relationships/${type}" Target="${target}"/>`
  const names = Object.keys(sheets)
  return zipOf({
    '[Content_Types].xml': '<Types/>',
    'xl/workbook.xml': `<workbook><workbookPr date1904="${is1904 ? 1 : 0}"/><sheets>${names.map((name, i) => `<sheet name="${name}" sheetId="${i + 1}" r:id="s${i}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships>${names.map((_, i) => relation(`s${i}`, 'worksheet', `worksheets/s${i}.xml`)).join('')}${relation('t', 'sharedStrings', 'strings.xml')}${relation('f', 'styles', 'styles.xml')}</Relationships>`,
    'xl/strings.xml': `<sst>${strings.map((text) => `<si><t>${text}</t></si>`).join('')}</sst>`,
    'xl/styles.xml': `<styleSheet><cellXfs>${formats.map((id) => `<xf numFmtId="${id}"/>`).join('')}</cellXfs></styleSheet>`,
    ...Object.fromEntries(
      names.map((name, i) => [
        `xl/worksheets/s${i}.xml`,
        `<?xml version="1.0"?>\n<worksheet>${sheets[name]}</worksheet>`,
      ]),
    ),
  })
}

/** Inside of `sheetData`: rows of cells, `~` in them is the number of the row; undefined for a row that is not there. */
export function sheetData(rows: readonly (readonly string[] | undefined)[]): string {
  const written = rows.map((cells, r) =>
    cells
      ? `<row r="${r + 1}">${cells.map((cell) => cell.replaceAll('~', String(r + 1))).join('')}</row>`
      : '',
  )
  return `<sheetData>${written.join('\n')}</sheetData>`
}
