import { readFileSync } from 'node:fs'
import t from 'tap'
import { createMemoryBlobs } from '#sdk/testing.ts'
import { readDocument } from '../../../../services/agents/report/ingest/read-document.ts'
import { decodeText } from '../../../../services/agents/report/ingest/text/decode-text.ts'

const bytesOf = (name: string) => readFileSync(new URL(`./inputs/${name}`, import.meta.url))

t.test('cp1251.csv: no mojibake, and a note that names the encoding', async (t) => {
  const { text, notes } = decodeText(bytesOf('cp1251.csv'))
  t.match(text, /[а-я]{4}/i)
  t.notMatch(text, /[\u00c0-\u00ff\ufffd]/)
  t.match(notes, [/Windows-1251 \(Cyrillic\)/])
})

const read = (name: string) =>
  readDocument(
    { name, bytes: bytesOf(name) },
    { blobs: createMemoryBlobs(), signal: new AbortController().signal, findTools: async () => undefined },
  )

t.test('csv_as.txt: a table in a text file is read as one', async (t) => {
  t.match(await read('csv_as.txt'), {
    kind: 'data',
    tables: [
      {
        rows: 28,
        columns: [
          { name: 'date', kind: 'temporal' },
          { name: 'amount', kind: 'number' },
        ],
      },
    ],
    notes: [/laid out as a table/],
  })
})

t.test('html.html: no tags in words', async (t) => {
  t.match(await read('html.html'), {
    kind: 'text',
    text: {
      title: 'T',
      content: 'Report\n\nSales rose by 5 % in 2023.',
      keySentences: ['Sales rose by 5 % in 2023.'],
    },
  })
})

t.test('scanned.pdf: not called read, and why', async (t) => {
  t.match(await read('scanned.pdf'), {
    kind: 'rejected',
    problem: { code: 'UNSUPPORTED_FORMAT', message: /1 of 1 page holds no text; it looks scanned.*OCR/ },
    losses: ['1 of 1 page holds no text; it looks scanned.'],
  })
})

t.test('two_col_rowwise.pdf: columns are not fused', async (t) => {
  const { text } = await read('two_col_rowwise.pdf')
  t.match(
    text!.content,
    /^The harvest of apples grew by 12 percent in the northern valleys, where rain came early/,
  )
  t.notMatch(text!.content, /in the Prices of pears/)
  t.ok(text!.content.lastIndexOf('bear fruit') < text!.content.indexOf('Prices of pears'))
})
