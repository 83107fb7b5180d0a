import t from 'tap'
import { decodeText } from '../../../../../services/agents/report/ingest/text/decode-text.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)

t.test('encodings', async (t) => {
  t.strictSame(decodeText(utf8('\ufeffgrün\r\nx\ry')), { text: 'grün\nx\ny', notes: [] })
  const wide = Buffer.from('\ufeffgrün', 'utf16le')
  t.match(decodeText(wide), { text: 'grün', notes: [/UTF-16LE/] })
  t.match(decodeText(Buffer.from(wide).swap16()), { text: 'grün', notes: [/UTF-16BE/] })
  t.match(decodeText(Buffer.from('no mark here', 'utf16le')), { text: 'no mark here' })
  t.match(decodeText(Buffer.from('gr\xfcn f\xfcr 5 \x80', 'latin1')), {
    text: 'grün für 5 €',
    notes: [/Windows-1252/],
  })
  t.match(decodeText(utf8('a\0b\x07c\x1b[31md')), {
    text: 'abcd',
    notes: ['2 control characters were removed.'],
  })
  t.equal(decodeText(utf8('e\u0301')).text, 'é', 'NFC')
  const damaged = Buffer.concat([utf8('größer für über äöü '.repeat(9)), Buffer.from([0xff])])
  t.match(decodeText(damaged), { text: /^größer/, notes: [/not valid UTF-8/] })
})
