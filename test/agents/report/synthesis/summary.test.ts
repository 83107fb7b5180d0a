import t from 'tap'
import type { Analysis, TableStructure } from '#schemas/analysis.ts'
import type { DataQuality, Finding } from '#schemas/report.ts'
import { headlineOf, summaryOf } from '../../../../services/agents/report/synthesis/summary.ts'
import { documentEntry, emptyAnalysis, numberColumn } from './analysis-fixtures.ts'

const finding = (id: string, kind: Finding['kind'], about: Partial<Finding> = {}): Finding => ({
  id,
  rank: 1,
  kind,
  statement: '',
  plain: `About ${id}.`,
  strength: 0.9,
  confidence: 'strong',
  evidence: {},
  provenance: [],
  ...about,
})
const nothingWrong: DataQuality = { rejected: [], missing: [], insightIds: [], notes: [], losses: [] }
const place = { document: 'a.csv', table: 'a.csv' }
const column = numberColumn({ ...place, column: 'x' }, [
  [1, 1],
  [2, 5],
])
const table = (about: Partial<TableStructure> = {}): TableStructure => ({
  ...place,
  rows: 300,
  columns: 1,
  kind: 'cross-section',
  timeColumns: [],
  notes: [],
  losses: [],
  ...about,
})
const data: Analysis = {
  ...emptyAnalysis,
  documents: [documentEntry('a.csv')],
  columns: [column],
  tables: [table()],
}

function input(
  findings: Finding[] = [],
  about: { analysis?: Analysis; quality?: Partial<DataQuality> } = {},
) {
  return {
    analysis: about.analysis ?? data,
    findings,
    quality: { ...nothingWrong, ...about.quality },
  }
}
const headline = (...about: Parameters<typeof input>) => headlineOf(input(...about))
const sentences = (...about: Parameters<typeof input>) => summaryOf(input(...about)).map(({ text }) => text)

t.test('the headline is about the subject, and about the sources only where nothing is', async (t) => {
  const [quality, text, trend] = [finding('q', 'quality'), finding('x', 'text'), finding('t', 'trend')]
  t.strictSame(headline([quality, text, trend]), { text: 'About t.', insightIds: ['t'] })
  t.match(headline([quality, text]), { insightIds: ['x'] })
  t.match(headline([finding('c', 'constraint'), trend]), { insightIds: ['c'] }, 'a broken rule leads')
})

t.test('what is weak, repeated or so by definition is no headline', async (t) => {
  const weak = finding('w', 'trend', { confidence: 'weak', strength: 0.3, qValue: 0.2 })
  const again = finding('r', 'trend', { repeats: 't' })
  t.equal(
    headline([weak, again, finding('s', 'difference', { selfEvident: true })]).text,
    '1 column and 300 rows were tested; nothing that is surely beyond chance was found.',
  )
  t.notMatch(sentences([weak, again]).join(' '), /About [wrs]\./)
})

t.test('that nothing was found is said with what was looked at', async (t) => {
  t.equal(headline().text, '1 column and 300 rows were tested; nothing beyond chance was found.')
  t.equal(
    headline([], { analysis: { ...data, tests: 1214 } }).text,
    '1 column and 300 rows were tested (1,214 tests); nothing beyond chance was found.',
  )
})

t.test('it is never said over a file that was cut, that is unread or that has no rows', async (t) => {
  const losses = [{ document: 'a.csv', loss: '5 rows had a fourth cell, which was left out.' }]
  t.equal(
    headline([], { quality: { losses } }).text,
    'In what could be read, 1 column and 300 rows were tested; nothing beyond chance was found. Not all was read: a.csv: 5 rows had a fourth cell, which was left out.',
  )
  const rowless = { ...data, columns: [{ ...column, numeric: undefined }], tables: [table({ rows: 0 })] }
  t.equal(
    headline([], { analysis: rowless }).text,
    'There is nothing to analyse: a.csv holds a table without rows.',
  )
  const scan = { ...emptyAnalysis, documents: [documentEntry('scan.pdf', { kind: 'text' })] }
  const pages = [{ document: 'scan.pdf', loss: '2 of 2 pages hold no text; they look scanned.' }]
  t.equal(
    headline([], { analysis: scan, quality: { losses: pages } }).text,
    'scan.pdf could not be read whole: 2 of 2 pages hold no text; they look scanned.',
  )
})

t.test('a loss that makes the rest doubtful is said with the finding', async (t) => {
  const trend = finding('t', 'trend')
  const text = (loss: string) =>
    headline([trend], { quality: { losses: [{ document: 'a.csv', loss }] } }).text
  t.equal(
    text('Only the first 200,000 of 600,000 rows were read.'),
    'About t. Mind: a.csv: Only the first 200,000 of 600,000 rows were read.',
  )
  t.match(text('Only the first 200000 rows were read.'), /Mind/, 'how many more there are is not known')
  t.equal(text('5 rows had a fourth cell, which was left out.'), 'About t.')
  t.equal(text('3 of 600 rows were skipped.'), 'About t.')
})

t.test('at most two findings of a kind and five in all, no sentence twice', async (t) => {
  const findings = [
    finding('t1', 'trend'),
    finding('t2', 'trend'),
    finding('t3', 'trend'),
    finding('q1', 'quality'),
    finding('c1', 'correlation', { plain: 'About t1.' }),
    finding('c2', 'correlation'),
    finding('a1', 'anomaly'),
    finding('a2', 'anomaly'),
    finding('d1', 'difference'),
  ]
  const ids = summaryOf(input(findings)).flatMap(({ insightIds }) => insightIds)
  t.strictSame(ids, ['t1', 't2', 'c2', 'a1', 'a2'])
})

t.test('what a text and the data say differently keeps a place in the summary', async (t) => {
  const kinds = ['trend', 'trend', 'anomaly', 'anomaly', 'difference'] as const
  const findings = [
    ...kinds.map((kind, i) => finding(`f${i}`, kind)),
    finding('x', 'text', {
      confidence: 'moderate',
      evidence: { stated: 9, computed: 3, verdict: 'contradicts' },
    }),
  ]
  const ids = summaryOf(input(findings)).flatMap(({ insightIds }) => insightIds)
  t.strictSame(ids, ['f0', 'f1', 'f2', 'f3', 'x'])
})

t.test('it begins with what was read and ends with how far it may be trusted', async (t) => {
  const analysis = {
    ...data,
    documents: [
      ...data.documents,
      documentEntry('n.md', { kind: 'text' }),
      documentEntry('m.md', { kind: 'text' }),
    ],
  }
  const all = sentences([], { analysis })
  t.equal(
    all[0],
    'This report rests on 3 sources: 1 data file with 1 table, 1 column and 300 rows and 2 texts.',
  )
  t.equal(all.at(-1), 'Every source could be read in full, and no cell is empty.')
})

t.test('what is wrong with the data is said with its numbers', async (t) => {
  const quality = {
    missing: [{ ...place, column: 'note', missing: 30, rows: 60, share: 0.5 }],
    losses: [{ document: 'a.csv', loss: '5 rows had a fourth cell, which was left out.' }],
    notes: [
      { document: 'a.csv', note: 'The heading is the first line.' },
      { document: 'a.csv', table: 'a.csv#t', note: '60 of 90 rows are exact copies.' },
    ],
    insightIds: ['i7'],
  }
  t.strictSame(summaryOf(input([], { quality })).slice(-3), [
    { text: 'Left out: a.csv: 5 rows had a fourth cell, which was left out.', insightIds: [] },
    { text: 'Cells are empty in one column: note, 30 of 60 (50 %).', insightIds: [] },
    {
      text: 'Noted on reading: a.csv (t): 60 of 90 rows are exact copies; a.csv: The heading is the first line.',
      insightIds: ['i7'],
    },
  ])
})

t.test('a fault on the way to a file is never blamed on the file', async (t) => {
  const rejected = [
    { document: 'a.pdf', code: 'BROKEN_FILE', message: 'it is torn.' },
    { document: 'b.csv', code: 'SOURCE_UNAVAILABLE', message: 'the object store does not answer' },
  ]
  const [file, fetch] = sentences([], { quality: { rejected } }).slice(-2)
  t.equal(file, '1 source could not be read (a.pdf): it is torn.')
  t.equal(
    fetch,
    '1 source could not be fetched or worked on (b.csv): the object store does not answer. Nothing is said against the file: try again.',
  )
  const documents = [
    documentEntry('b.csv', { kind: 'rejected', problem: { code: 'UNAVAILABLE', message: 'away' } }),
  ]
  t.equal(
    headline([], { analysis: { ...emptyAnalysis, documents } }).text,
    'The only source could not be fetched; try again.',
  )
})
