import { readXml } from '../../archive/read-xml.ts'
import { scanXml } from '../../archive/xml-scanner.ts'
import { builtInFormat, type NumberFormat, parseNumberFormat } from './number-format.ts'

/** The formats of cells by the number that a cell names in `s`. */
export async function readCellFormats(styles: AsyncIterable<Uint8Array>): Promise<NumberFormat[]> {
  const own = new Map<string, NumberFormat>()
  const formats: NumberFormat[] = []
  let inCells = false
  await readXml(styles, {
    open(name, attributes) {
      if (name === 'numFmt' && attributes.numFmtId !== undefined) {
        own.set(attributes.numFmtId, parseNumberFormat(attributes.formatCode ?? ''))
      } else if (name === 'cellXfs') inCells = true
      else if (name === 'xf' && inCells) {
        const id = attributes.numFmtId ?? '0'
        formats.push(own.get(id) ?? builtInFormat(Number(id)))
      }
    },
    close(name) {
      if (name === 'cellXfs') inCells = false
    },
  })
  return formats
}

/** Gives the texts that cells share to a list, in their order; readings of East Asian characters (`rPh`) are left out. */
export async function readSharedStrings(
  strings: AsyncIterable<Uint8Array>,
  list: { push(text: string): unknown },
): Promise<void> {
  let text = ''
  let isText = false
  let inReading = false
  await scanXml(strings, {
    open(name) {
      if (name === 'si') text = ''
      else if (name === 'rPh') inReading = true
      else if (name === 't') isText = !inReading
    },
    text(piece) {
      if (isText) text += piece
    },
    close(name) {
      if (name === 't') isText = false
      else if (name === 'rPh') inReading = false
      else if (name === 'si') list.push(text)
    },
  })
}
