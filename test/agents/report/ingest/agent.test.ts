import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type Document, documentSchema } from '#schemas/document.ts'
import type { ReportSource } from '#schemas/report.ts'
import { createTestContext, type TestContext } from '#sdk/testing.ts'
import { ingestAgent } from '../../../../services/agents/report/ingest/agent.ts'

async function ingest(source: ReportSource, ctx: TestContext = createTestContext()): Promise<Document> {
  const outcome = await ingestAgent.handle(source, ctx)
  if (outcome.kind !== 'done') throw new Error(`ended as ${outcome.kind}`)
  return documentSchema.parse(outcome.output)
}

async function ingestFile(name: string, bytes: Uint8Array, contentType = 'application/octet-stream') {
  const ctx = createTestContext()
  return ingest({ name, blob: await ctx.blobs.put(bytes, { contentType, name }) }, ctx)
}

const example = (name: string) =>
  readFileSync(new URL(`../../../../examples/report/${name}`, import.meta.url))

t.test('the sources of the example', async (t) => {
  const csv = await ingestFile('climate-by-year.csv', example('climate-by-year.csv'))
  t.match(csv, { kind: 'data', mediaType: 'text/csv', tables: [{ name: 'climate-by-year.csv', rows: 65 }] })
  t.equal(csv.sha256, createHash('sha256').update(example('climate-by-year.csv')).digest('hex'))
  t.equal(csv.bytes, example('climate-by-year.csv').length)
  t.match(await ingestFile('co2-by-month.json', example('co2-by-month.json')), { kind: 'data' })
  t.match(await ingestFile('notes.md', example('notes.md')), {
    kind: 'text',
    text: { title: 'Notes for the climate briefing' },
  })
  t.match(await ingestFile('sea-ice.png', example('sea-ice.png')), {
    kind: 'image',
    image: { format: 'png' },
  })
})

t.test('text right in the request', async (t) => {
  const ctx = createTestContext()
  const document = await ingest({ name: 'a.csv', text: 'a,b\n1,2' }, ctx)
  t.match(document, { kind: 'data', bytes: 7, tables: [{ rows: 1 }] })
  t.equal(ctx.progressed.at(-1)!.fraction, 1)
})

t.test('a file at fault is an answer', async (t) => {
  const garbage = Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 31 + i * 7) % 256)
  const faults: [name: string, bytes: Uint8Array, code: string][] = [
    ['empty.csv', new Uint8Array(), 'BROKEN_FILE'],
    ['garbage.csv', garbage, 'BROKEN_FILE'],
    ['garbage.bin', garbage, 'UNSUPPORTED_FORMAT'],
    ['deep.json', new TextEncoder().encode('['.repeat(10_000) + ']'.repeat(10_000)), 'LIMIT_EXCEEDED'],
    ['list.mp4', new TextEncoder().encode('#EXTM3U\nfile:///etc/passwd\n'), 'UNSUPPORTED_FORMAT'],
    [
      'drawing.svg',
      new TextEncoder().encode('<svg><image href="file:///etc/passwd"/></svg>'),
      'UNSUPPORTED_FORMAT',
    ],
    ['page.jpg', new TextEncoder().encode('<html>not found</html>'), 'BROKEN_FILE'],
    ['bomb.csv.gz', gzipSync(new Uint8Array(20_000_000)), 'UNSUPPORTED_FORMAT'],
    ['broken.json', new TextEncoder().encode('{"a": '), 'BROKEN_FILE'],
    ['cut.png', example('sea-ice.png').subarray(0, 40), 'BROKEN_FILE'],
    ['broken.pdf', new TextEncoder().encode('%PDF-1.7\nnothing'), 'BROKEN_FILE'],
    ['big.json', new Uint8Array(33 * 1024 * 1024).fill(0x20), 'LIMIT_EXCEEDED'],
  ]
  for (const [name, bytes, code] of faults) {
    const document = await ingestFile(name, bytes)
    t.match(
      document,
      { name, kind: 'rejected', bytes: bytes.length, sha256: /^[0-9a-f]{64}$/, problem: { code } },
      name,
    )
  }
})

t.test('odd files that can be read say what was odd', async (t) => {
  const text = await ingestFile('a.txt', new TextEncoder().encode('a\0b and some more words'))
  t.match(text, { kind: 'text', text: { content: 'ab and some more words' }, notes: [/1 control character/] })
  const latin = await ingestFile('a.csv', Buffer.from('stadt;wert\nK\xf6ln;1,5\n', 'latin1'))
  t.match(latin, {
    tables: [{ columns: [{ values: ['Köln'] }, { values: [1.5] }] }],
    notes: [/Windows-1252/],
  })
  const renamed = await ingestFile('sea-ice.csv', example('sea-ice.png'))
  t.match(renamed, { kind: 'image', mediaType: 'image/png', notes: [/ends in \.csv.*PNG/] })
})

t.test('a fault of the store is thrown, so that the step is tried again', async (t) => {
  const blob = { blob: 'x', size: 3, sha256: 'a'.repeat(64), contentType: 'text/csv' }
  for (const code of ['UNAVAILABLE', 'BLOB_NOT_FOUND', 'BLOB_CORRUPT'] as const) {
    const get = async () => {
      throw new MurmurError(code, 'no')
    }
    const ctx = createTestContext({ blobs: { ...createTestContext().blobs, get } })
    await t.rejects(ingest({ name: 'a.csv', blob }, ctx), { code })
  }
  const get = async () => {
    throw new MurmurError('LIMIT_EXCEEDED', 'too large')
  }
  const ctx = createTestContext({ blobs: { ...createTestContext().blobs, get } })
  t.match(await ingest({ name: 'a.csv', blob }, ctx), { kind: 'rejected', bytes: 3, sha256: blob.sha256 })
})

t.test('a store that takes no thumbnail is no fault of the image', async (t) => {
  for (const code of ['LIMIT_EXCEEDED', 'BROKEN_FILE', 'UNAVAILABLE'] as const) {
    const ctx = createTestContext()
    const blob = await ctx.blobs.put(example('sea-ice.png'), { contentType: 'image/png', name: 'a.png' })
    const put = async () => {
      throw new MurmurError(code, 'no room')
    }
    const full = createTestContext({ blobs: { ...ctx.blobs, put } })
    await t.rejects(ingest({ name: 'a.png', blob }, full), { code: 'UNAVAILABLE' })
  }
})

t.test('hostile files of every format are an answer with a code', async (t) => {
  const cut = (name: string, bytes: number) =>
    readFileSync(new URL(`../cases/inputs/${name}`, import.meta.url)).subarray(0, bytes)
  const faults: [name: string, bytes: Uint8Array, code: string][] = [
    ['cut.xlsx', cut('workbook.xlsx', 3000), 'BROKEN_FILE'],
    ['cut.ods', cut('sheet.ods', 1000), 'BROKEN_FILE'],
    ['cut.parquet', cut('types.parquet', 1000), 'BROKEN_FILE'],
    ['cut.heic', cut('picture.heic', 700), 'BROKEN_FILE'],
    ['scan.pdf', cut('scanned.pdf', 100_000), 'UNSUPPORTED_FORMAT'],
    ['empty.xlsx', new Uint8Array(), 'BROKEN_FILE'],
    ['text.parquet', Buffer.from('a,b\n1,2\n'), 'BROKEN_FILE'],
    ['text.xlsx', Buffer.from('a,b\n1,2\n'), 'BROKEN_FILE'],
  ]
  for (const [name, bytes, code] of faults) {
    t.match(await ingestFile(name, bytes), { name, kind: 'rejected', problem: { code } }, name)
  }
})

t.test('one line of 16 MiB: text, a table of one row, or no JSON', async (t) => {
  const line = Buffer.alloc(16 * 1024 * 1024 - 2, 'lorem ipsum, ')
  const kinds = { 'a.txt': 'text', 'a.csv': 'data', 'a.md': 'text', 'a.html': 'text', 'a.ndjson': 'rejected' }
  for (const [name, kind] of Object.entries(kinds)) t.equal((await ingestFile(name, line)).kind, kind, name)
})

t.test('an aborted step stops', async (t) => {
  const ctx = createTestContext({ signal: AbortSignal.abort() })
  await t.rejects(ingest({ name: 'a.csv', text: 'a' }, ctx), { name: 'AbortError' })
})

t.test('any bytes under any name give a document', async () => {
  const name = fc.constantFrom('a.csv', 'a.json', 'a.ndjson', 'a.md', 'a.txt', 'a.png', 'a')
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), name, async (bytes, file) => {
      return (await ingestFile(file, bytes)).name === file
    }),
    { numRuns: 300 },
  )
})
