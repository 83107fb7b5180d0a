import { deflateSync } from 'node:zlib'
import t from 'tap'
import { readPdf } from '../../../../../services/agents/report/ingest/pdf/read-pdf.ts'

const signal = new AbortController().signal

// Each reads in a thread of its own, and waits for it.
t.jobs = 2

const read = (bytes: Uint8Array) => readPdf(bytes, { signal })

const TWO_PAGES = pagesOf(
  [
    ['Quarterly report', '', 'Sales rose by four per cent in the', 'north.'],
    ['Second page, second thoughts.'],
  ],
  '/Outlines 8 0 R',
)

const OUTLINE = [
  '<< /Type /Outlines /First 9 0 R /Last 9 0 R /Count 2 >>',
  '<< /Title (Results) /Parent 8 0 R /First 10 0 R /Last 10 0 R /Count 1 /Dest [4 0 R /Fit] >>',
  '<< /Title (North) /Parent 9 0 R /Dest [6 0 R /Fit] >>',
  '<< /Title (Report \\(draft\\)) /Author (Jane Secret) >>',
]

t.test('text of two pages, title and outline', async (t) => {
  const pdf = await read(pdfOf([...TWO_PAGES, ...OUTLINE], '/Info 11 0 R'))
  t.strictSame(pdf, {
    text: 'Quarterly report\n\nSales rose by four per cent in the north.\n\nSecond page, second thoughts.',
    pages: 2,
    title: 'Report (draft)',
    headings: [
      { level: 1, text: 'Results' },
      { level: 2, text: 'North' },
    ],
    notes: [],
    losses: [],
  })
})

t.test('pages without text are a loss, and a document without any is not read', async (t) => {
  const blank = await read(pdfOf(pagesOf([['']])))
  t.match(blank, {
    text: '',
    losses: ['1 of 1 page holds no text.'],
    problem: { code: 'UNSUPPORTED_FORMAT' },
  })
  t.notMatch(blank.problem!.message, /scanned|OCR/, 'without images nothing looks scanned')
  const image =
    '<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\nstream\n0\nendstream'
  const scanned = await read(pdfOf([...pagesOf([['']]), image]))
  t.match(scanned.problem, {
    message: /^1 of 1 page holds no text; it looks scanned: run text recognition \(OCR\)/,
  })
  const partly = await read(pdfOf([...pagesOf([['Some words.'], [''], ['']]), image]))
  t.strictSame(partly.losses, ['2 of 3 pages hold no text; they look scanned.'])
  t.equal(partly.problem, undefined)
})

t.test('Chinese in an encoding of its own is read by the tables of the package', async (t) => {
  const objects = pagesOf([['@']])
  const descriptor = '<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 >>'
  const system = '<< /Registry (Adobe) /Ordering (GB1) /Supplement 2 >>'
  const cid = `<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo ${system} /FontDescriptor ${descriptor} >>`
  objects[2] = `<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [${cid}] >>`
  objects[4] = objects[4]!
    .replace('(@)', '<4F60597D>')
    .replace(/Length (\d+)/, (_, length) => `Length ${Number(length) + 7}`)
  t.match(await read(pdfOf(objects)), { text: '你好' })
})

t.test('only so many pages are read', async (t) => {
  const pdf = await read(pdfOf(pagesOf(Array.from({ length: 503 }, (_, index) => [`Page ${index + 1}`]))))
  t.equal(pdf.pages, 503)
  t.match(pdf.text, /Page 500$/)
  t.strictSame(pdf.losses, ['Only the first 500 of 503 pages were read.'])
})

t.test('encrypted: says that there is a password', async (t) => {
  const key = '00'.repeat(32)
  const encryption = `/Encrypt << /Filter /Standard /V 1 /R 2 /O <${key}> /U <${key}> /P -4 >> /ID [<00> <00>]`
  await t.rejects(read(pdfOf(TWO_PAGES, encryption)), {
    code: 'BROKEN_FILE',
    message: /protected by a password/,
  })
})

t.test('broken: cut off, or no PDF at all', async (t) => {
  const whole = pdfOf(TWO_PAGES)
  await Promise.all([
    t.rejects(read(whole.subarray(0, 150)), { code: 'BROKEN_FILE', message: /damaged/ }),
    t.rejects(read(Buffer.from('%PDF-1.7\nnothing')), { code: 'BROKEN_FILE' }),
    t.rejects(read(new Uint8Array()), { code: 'BROKEN_FILE' }),
  ])
})

t.test('one broken page is left out, and noted', async (t) => {
  const objects = pagesOf([['First page.'], ['Second page.'], ['Third page.']])
  objects[5] = objects[5]!.replace('/Font <<', '/XObject << /Drawing 3 0 R >> /Font <<')
  const draw = '/Drawing Do'
  objects[6] = objects[6]!
    .replace(/Length (\d+)/, (_, length) => `Length ${Number(length) + draw.length + 1}`)
    .replace('BT', `${draw}\nBT`)
  t.match(await read(pdfOf(objects)), {
    text: 'First page.\n\nThird page.',
    pages: 3,
    losses: ['1 page could not be read, the first is page 2.'],
  })
})

t.test('too slow, or aborted: the thread is ended', async (t) => {
  await t.rejects(readPdf(pdfOf(TWO_PAGES), { signal, timeoutMs: 1 }), {
    code: 'LIMIT_EXCEEDED',
    message: /longer than 0.001 s/,
  })
  const caller = new AbortController()
  const reading = readPdf(pdfOf(TWO_PAGES), { signal: caller.signal })
  caller.abort(new Error('the step was cancelled'))
  await t.rejects(reading, { message: 'the step was cancelled' })
  await t.rejects(readPdf(pdfOf(TWO_PAGES), { signal: caller.signal }), { message: 'the step was cancelled' })
})

t.test('a small file that unpacks to gigabytes is stopped', async (t) => {
  const packed = deflateSync(deflateSync(Buffer.alloc(50_000_000, ' ')))
  const objects = pagesOf([['']])
  objects[3] = objects[3]!.replace('5 0 R', `[${'5 0 R '.repeat(50)}]`)
  objects[4] = `<< /Length ${packed.length} /Filter [/FlateDecode /FlateDecode] >>\nstream\n${packed.toString('latin1')}\nendstream`
  const bomb = pdfOf(objects)
  t.ok(bomb.length < 5000)
  await t.rejects(readPdf(bomb, { signal, memoryMib: 256 }), {
    code: 'LIMIT_EXCEEDED',
    message: /more than fits into memory/,
  })
})

t.test('the bytes of the caller stay its own', async (t) => {
  const bytes = new Uint8Array(pdfOf(TWO_PAGES))
  await read(bytes)
  t.ok(bytes.length > 0)
})

/** A PDF from its objects, numbered from 1, with a cross-reference table; `trailer` adds entries. */
function pdfOf(objects: readonly string[], trailer = ''): Buffer {
  let body = '%PDF-1.7\n'
  const offsets = objects.map((object, index) => {
    const offset = body.length
    body += `${index + 1} 0 obj\n${object}\nendobj\n`
    return `${String(offset).padStart(10, '0')} 00000 n \n`
  })
  const size = objects.length + 1
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${offsets.join('')}`
  return Buffer.from(
    `${body}${table}trailer\n<< /Size ${size} /Root 1 0 R ${trailer} >>\nstartxref\n${body.length}\n%%EOF\n`,
    'latin1',
  )
}

/** Pages that each show lines of text, 14 points apart; an empty line is a gap. */
function pagesOf(pages: readonly string[][], catalog = ''): string[] {
  const contents = pages.map((lines) => {
    const shown = lines.map((line) => `(${line}) Tj 0 -14 Td`).join('\n')
    return `BT /F1 12 Tf 72 700 Td\n${shown}\nET`
  })
  const kids = pages.map((_, index) => `${4 + index * 2} 0 R`).join(' ')
  return [
    `<< /Type /Catalog /Pages 2 0 R ${catalog} >>`,
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...contents.flatMap((content, index) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${5 + index * 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    ]),
  ]
}
