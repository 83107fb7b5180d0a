import t from 'tap'
import {
  decodeText,
  isBinary,
  utf16WithoutMark,
} from '../../../../../services/agents/report/ingest/text/decode-text.ts'

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

t.test('what was detected is named, with how sure it is', async (t) => {
  const russian = Buffer.from('e3eef0eee42cf1f3ecece00acceef1eae2e02c31300a', 'hex')
  t.strictSame(decodeText(russian), {
    text: 'город,сумма\nМосква,10\n',
    notes: ['The text is not UTF-8; it was read as Windows-1251 (Cyrillic), and the detection is sure.'],
  })
  t.match(decodeText(Buffer.from('Malm\xf6,3', 'latin1')).notes, [/Windows-1252.*a guess/])
  t.match(decodeText(Buffer.from('1b244245543b541b28422c31300a', 'hex')), {
    text: '都市,10\n',
    notes: [/ISO-2022-JP/],
  })
})

t.test('UTF-16 of any script without a mark', async (t) => {
  for (const text of ['город,сумма\nМосква,10\nКазань,20\n', '都市,売上\n東京,10\n大阪,20\n']) {
    const bytes = Buffer.from(text, 'utf16le')
    t.match(decodeText(bytes), { text, notes: [/UTF-16LE/] })
    t.equal(isBinary(bytes), false)
    t.match(decodeText(Buffer.from(bytes).swap16()), { text, notes: [/UTF-16BE/] })
  }
  const garbage = Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 31 + i * 7) % 256)
  t.equal(utf16WithoutMark(garbage), null)
})
