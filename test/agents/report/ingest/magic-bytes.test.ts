import t from 'tap'
import { formatOfMagic } from '../../../../services/agents/report/ingest/magic-bytes.ts'

const of = (text: string) => formatOfMagic(new Uint8Array(Buffer.from(text, 'latin1')))

t.test('what is not read says what to send instead', async (t) => {
  const refused: [start: string, label: RegExp, advice: RegExp][] = [
    ['\x1f\x8b', /gzip/, /unpack/],
    ['SQLite format 3\0', /SQLite/, /CSV/],
    ['ARROW1\0\0', /Arrow/, /Parquet/],
    ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1W\0o\0r\0k\0b\0o\0o\0k\0', /before 2007/, /save it as \.xlsx/],
    ['\x00\x00\x01\xba', /MPEG program stream/, /MP4/],
    ['OggS', /Ogg/, /MP4/],
    ['\x7fELF', /program/, /documents/],
    [`${'\0'.repeat(257)}ustar`, /tar archive/, /unpack/],
    ['RIFF\x10\0\0\0WAVE', /sound/, /documents/],
    ['\0\0\0\x20ftypM4A ', /sound/, /documents/],
  ]
  for (const [start, label, advice] of refused) {
    t.match(of(start), { family: 'unsupported', label, advice }, label.source)
  }
})

t.test('a PDF may begin after junk, but not after words', async (t) => {
  t.match(of('\x00\x01\n%PDF-1.4'), { family: 'pdf' })
  t.match(of(`${'\n'.repeat(1000)}%PDF-1.4`), { family: 'pdf' })
  t.equal(of(`${'\n'.repeat(1024)}%PDF-1.4`), null, 'beyond the first kilobyte')
  t.equal(of('A note about %PDF-1.4'), null)
})

t.test('containers of ISO media: pictures, QuickTime, everything else is MP4', async (t) => {
  t.match(of('\0\0\0\x08wide\0\0'), { mediaType: 'video/quicktime' })
  t.equal(of('A    moov'), null, 'text whose second word is moov')
  t.match(of('\0\0\0\x20ftypheix'), { mediaType: 'image/heic' })
  t.match(of('\0\0\0\x20ftypmif1\0\0\0\0mif1heic'), { mediaType: 'image/heic' })
  t.match(of('\0\0\0\x20ftyp3gp5'), { mediaType: 'video/mp4' })
})

t.test('a transport stream, with and without time codes; lines of G are text', async (t) => {
  const packet = `G\0${'\xff'.repeat(186)}`
  t.match(of(packet.repeat(4)), { mediaType: 'video/mp2t' })
  t.match(of(`\0\0\0\0${packet}`.repeat(4)), { mediaType: 'video/mp2t' })
  t.equal(of(packet.repeat(3)), null, 'too short to tell')
  t.equal(of(`G${'x'.repeat(187)}`.repeat(4)), null)
})

t.test('text and unknown bytes are no format', async (t) => {
  for (const text of [
    '',
    'a,b\n1,2',
    'BM is a company',
    'II. Results',
    'Rar is a word',
    'GIF images',
    'ORC,PARE',
    'RDA sample',
  ]) {
    t.equal(of(text), null, text)
  }
})
