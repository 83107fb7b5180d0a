import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Document } from '#schemas/document.ts'
import { analyseDocuments } from '../../../../../services/agents/report/analysis/analyse-documents.ts'
import { checkClaims } from '../../../../../services/agents/report/analysis/findings/claim-check.ts'
import { textFinding } from '../../../../../services/agents/report/analysis/findings/document-findings.ts'
import { parseCsv } from '../../../../../services/agents/report/ingest/data/csv/parse-csv.ts'
import { dataDocument, textDocument } from '../../analysis/sample-documents.ts'
import { FRESH, LABELLED } from './labelled-sentences.ts'

const here = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const table = (name: string, path: string): Document => ({
  ...dataDocument(name, []),
  tables: [parseCsv(here(path), { name })],
})

function analyse(documents: Document[]) {
  const work = analyseDocuments(documents)
  let step = work.next()
  while (!step.done) step = work.next()
  return step.value
}

const TABLES = [
  table('sales.csv', '../inputs/claims/sales.csv'),
  table('weather.csv', './weather.csv'),
  table('products.csv', './products.csv'),
  table('climate-by-year.csv', '../../../../../examples/report/climate-by-year.csv'),
]

const { columns, trends } = analyse(TABLES)
const verdictOf = (sentence: string): string =>
  checkClaims([textFinding(textDocument('n.md', sentence))!], columns, trends)[0]?.verdict ?? 'silence'

/** The sentences of one verdict: how many are rightly so called, and how many of those that should be are found. */
function scored(set: typeof LABELLED, verdict: 'contradicts' | 'matches') {
  const label = verdict === 'contradicts' ? 'false' : 'true'
  const said = Object.entries(set).flatMap(([truth, sentences]) =>
    sentences.filter((sentence) => verdictOf(sentence) === verdict).map((sentence) => ({ sentence, truth })),
  )
  const wrong = said.filter(({ truth }) => truth !== label)
  return { wrong, found: said.length - wrong.length, of: set[label].length, said: said.length }
}

const count = (set: typeof LABELLED): number => Object.values(set).flat().length

t.test('of a hundred labelled sentences, what is said is right, and most is said', async (t) => {
  t.ok(count(LABELLED) >= 100, `${count(LABELLED)} sentences`)
  for (const verdict of ['contradicts', 'matches'] as const) {
    const { wrong, found, of, said } = scored(LABELLED, verdict)
    t.strictSame(wrong, [], `every "${verdict}" is right`)
    t.ok(found / of >= 0.85, `${verdict}: ${found} of ${of} found`)
    t.comment(`${verdict}: precision ${found / said}, recall ${(found / of).toFixed(2)}`)
  }
})

t.test('of fresh sentences in free prose, what is said is right as well', async (t) => {
  t.ok(count(FRESH) >= 50, `${count(FRESH)} sentences`)
  for (const verdict of ['contradicts', 'matches'] as const) {
    const { wrong, found, of, said } = scored(FRESH, verdict)
    t.strictSame(wrong, [], `every "${verdict}" is right`)
    t.ok(found / of >= 0.5, `${verdict}: ${found} of ${of} found`)
    t.comment(`fresh ${verdict}: precision ${found / said}, recall ${(found / of).toFixed(2)}`)
  }
})

t.test('true sentences about a part or another thing are no contradictions', async (t) => {
  const { insights } = analyse([TABLES[0]!, textDocument('notes.md', here('../inputs/claims/notes.md'))])
  const told = insights.filter(({ kind, evidence }) => kind === 'text' && evidence.stated !== undefined)
  t.strictSame(told, [])
})

t.test('under a heading or a line that names a part nothing is contradicted', async (t) => {
  const check = (text: string) => checkClaims([textFinding(textDocument('n.md', text))!], columns, trends)
  t.match(check('# Summary of sales\n\nSales fell steadily.'), [{ verdict: 'contradicts' }])
  t.strictSame(check('# Germany\n\nSales fell steadily.'), [])
  t.strictSame(check('In the south:\n\n- Sales fell steadily.'), [])
  t.match(check('In the south:\n\n- Cost fell.\n\nThen for all. Sales fell steadily.'), [
    { verdict: 'contradicts' },
  ])
})

t.test('the plainest contradiction is less than certain', async (t) => {
  const note = textDocument('notes.md', 'The highest sales was 250 in December 2023.\n\nSales fell steadily.')
  const told = analyse([TABLES[0]!, note]).insights.filter(
    ({ evidence }) => evidence.verdict === 'contradicts',
  )
  t.equal(told.length, 2)
  for (const { strength, statement } of told) {
    t.ok(strength < 0.8, `${strength}: ${statement}`)
  }
})
