import fc from 'fast-check'
import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { detectFormat } from '../../../../services/agents/report/ingest/detect-format.ts'

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const pad = (text: string) => latin1(text.padEnd(600, '\0'))
const detect = (content: Uint8Array | string, name: string, contentType?: string) =>
  detectFormat(typeof content === 'string' ? latin1(content) : content, { name, contentType })

t.test('the content tells the format', async (t) => {
  const known: [start: string, mediaType: string][] = [
    ['\x89PNG\r\n\x1a\n', 'image/png'],
    ['\xff\xd8\xff\xe0', 'image/jpeg'],
    ['GIF89a', 'image/gif'],
    ['RIFF\x10\0\0\0WEBPVP8 ', 'image/webp'],
    ['II*\0', 'image/tiff'],
    ['\0\0\0\x1cftypavif', 'image/avif'],
    ['\0\0\0\x1cftypmif1\0\0\0\0mif1avif', 'image/avif'],
    ['\0\0\0\x1cftypheic', 'image/heic'],
    ['%PDF-1.7\n', 'application/pdf'],
    ['\0\0\0\x20ftypisom', 'video/mp4'],
    ['\0\0\0\x14ftypqt  ', 'video/quicktime'],
    ['\x1a\x45\xdf\xa3\x01\x42\x82\x84webm', 'video/webm'],
    ['\x1a\x45\xdf\xa3\x01\x42\x82\x88matroska', 'video/x-matroska'],
    ['RIFF\x10\0\0\0AVI LIST', 'video/x-msvideo'],
    [`G\0${'\xff'.repeat(186)}`.repeat(4), 'video/mp2t'],
  ]
  for (const [start, mediaType] of known) t.equal(detect(pad(start), 'file').mediaType, mediaType)
})

t.test('the ending tells text formats apart, and what people uploaded where it has none', async (t) => {
  t.match(detect('a,b\n1,2', 'A.CSV'), { family: 'csv', notes: [] })
  t.match(detect('# a', 'a.md'), { family: 'markdown' })
  t.match(detect('{}', 'a.json'), { family: 'json' })
  t.match(detect('{}\n{}', 'a.jsonl'), { family: 'ndjson' })
  t.match(detect('x', 'server.log'), { family: 'text', mediaType: 'text/plain' })
  t.match(detect('a,b', 'upload', 'text/csv; charset=utf-8'), { family: 'csv' })
  t.match(detect('{"a":1}', 'upload'), { family: 'json' })
  t.match(detect('x', 'constructor.toString'), { family: 'text' })
})

t.test('a name that disagrees is noted', async (t) => {
  t.match(detect(pad('\x89PNG\r\n\x1a\n'), 'a.csv'), { family: 'image', notes: [/\.csv.*PNG/] })
  t.match(detect('[{"a":1}]', 'a.csv'), { family: 'json', notes: [/JSON/] })
  t.match(detect(pad('\xff\xd8\xff\xe0'), 'a.png'), { mediaType: 'image/jpeg', notes: [/\.png.*JPEG/] })
  t.match(detect('<!DOCTYPE html><html><body>x', 'a.csv'), { family: 'html', notes: [/\.csv.*HTML/] })
  t.match(detect('<table><tr><td>1', 'a.xls'), { family: 'html', notes: [/\.xls.*HTML/] })
  t.match(detect('a\tb\n1\t2', 'a.xls'), { family: 'text' })
  t.match(detect('<html lang="en">', 'page'), { family: 'html', notes: [] })
  t.match(detect('<html> is the first tag', 'a.md'), { family: 'markdown' })
  t.match(detect('const a = 1', 'a.ts'), { family: 'text', notes: [] }, 'TypeScript, no transport stream')
  t.strictSame(detect(pad('\0\0\0\x20ftypisom'), 'a.mov').notes, [], 'the same container is no disagreement')
})

t.test('what is not read says so', async (t) => {
  const garbage = Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 31 + i * 7) % 256)
  t.throws(() => detect('', 'a.csv'), { code: 'BROKEN_FILE' })
  t.throws(() => detect(garbage, 'a.csv'), { code: 'BROKEN_FILE' })
  t.throws(() => detect(garbage, 'a.png'), { code: 'BROKEN_FILE' })
  t.throws(() => detect(garbage, 'a.xyz'), { code: 'UNSUPPORTED_FORMAT' })
  t.throws(() => detect(pad('PK\x03\x04'), 'a.xlsx'), { code: 'BROKEN_FILE', message: /cut off/ })
  const old = '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'
  const wide = (name: string) => [...name].join('\0')
  t.throws(() => detect(pad(old + wide('Workbook')), 'a.xls'), {
    code: 'UNSUPPORTED_FORMAT',
    message: /before 2007.*save it as \.xlsx/,
  })
  t.throws(() => detect(pad(old + wide('EncryptedPackage')), 'a.xlsx'), { message: /without the password/ })
  t.throws(() => detect(pad(old), 'a.doc'), { code: 'UNSUPPORTED_FORMAT', message: /old Office/ })
  t.throws(
    () => detect('<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?><Workbook/>', 'a.xls'),
    {
      code: 'UNSUPPORTED_FORMAT',
      message: /save it as \.xlsx/,
    },
  )
  t.throws(() => detect(pad('\x1f\x8b\x08'), 'a.csv'), { code: 'UNSUPPORTED_FORMAT' })
})

t.test('text in disguise', async (t) => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
  const entities = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
  const refused: [content: string, name: string][] = [
    [svg, 'a.svg'],
    [`\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a\nb -->${entities}<svg:svg>&x;</svg:svg>`, 'a'],
    [svg, 'a.png'],
    ['#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n', 'a.mp4'],
    ['#EXTM3U\nhttp://127.0.0.1/x.ts\n', 'a.m3u8'],
    ["ffconcat version 1.0\nfile '/etc/passwd'\n", 'a.mkv'],
  ]
  for (const [content, name] of refused) {
    t.throws(() => detect(content, name), { code: 'UNSUPPORTED_FORMAT', message: /SVG|playlist/ }, name)
  }
  t.throws(() => detect('<html>not found</html>', 'a.jpg'), { code: 'BROKEN_FILE', message: /is text/ })
  t.throws(() => detect('{"error":"not found"}', 'a.jpg'), { code: 'BROKEN_FILE' })
  t.match(detect(svg, 'a.md'), { family: 'markdown' }, 'a text that begins with a drawing')
  t.match(detect('<p>an svg</p><svg/>', 'a'), { family: 'text' })
})

t.test('any bytes under any name are told or refused', async () => {
  const ending = fc.constantFrom('csv', 'json', 'png', 'pdf', 'mp4', 'bin', '')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), ending, (bytes, end) => {
      try {
        return detectFormat(bytes, { name: `a.${end}` }).mediaType !== ''
      } catch (error) {
        return error instanceof MurmurError
      }
    }),
    { numRuns: 500 },
  )
})
