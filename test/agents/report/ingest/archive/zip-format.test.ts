import t from 'tap'
import { formatOfZip } from '../../../../../services/agents/report/ingest/archive/zip-format.ts'
import { zipOf } from './zip-of.ts'

t.test('what is in a ZIP archive', async (t) => {
  const types = { '[Content_Types].xml': '<Types/>' }
  t.match(formatOfZip(zipOf({ ...types, 'xl/workbook.xml': '' })), { family: 'xlsx' })
  t.match(formatOfZip(zipOf({ ...types, 'word/document.xml': '' })), {
    label: 'a Word document',
    advice: /PDF/,
  })
  t.match(formatOfZip(zipOf({ ...types, 'ppt/presentation.xml': '' })), { label: /PowerPoint/ })
  t.match(formatOfZip(zipOf({ ...types, 'xl/workbook.bin': '' })), { label: /\.xlsb/, advice: /\.xlsx/ })
  t.match(formatOfZip(zipOf({ 'data.csv': 'a,b' })), { family: 'unsupported', advice: /unpack/ })
  t.match(formatOfZip(Buffer.from('PK\x03\x04')), { family: 'broken', reason: /cut off/ })
})
