import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Document } from '#schemas/document.ts'
import { analyseDocuments } from '../../../../../services/agents/report/analysis/analyse-documents.ts'
import { checkClaims } from '../../../../../services/agents/report/analysis/findings/claim-check.ts'
import { textFinding } from '../../../../../services/agents/report/analysis/findings/document-findings.ts'
import { parseCsv } from '../../../../../services/agents/report/ingest/data/csv/parse-csv.ts'
import { dataDocument, textDocument } from '../../analysis/sample-documents.ts'
import { LABELLED } from './labelled-sentences.ts'

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
  table('sales.csv', './sales.csv'),
  table('weather.csv', './weather.csv'),
  table('products.csv', './products.csv'),
  table('climate-by-year.csv', '../../../../../examples/report/climate-by-year.csv'),
]

const { columns, trends } = analyse(TABLES)
const verdictOf = (sentence: string): string =>
  checkClaims([textFinding(textDocument('n.md', sentence))!], columns, trends)[0]?.verdict ?? 'silence'
const judged = Object.entries(LABELLED).flatMap(([label, sentences]) =>
  sentences.map((sentence) => ({ sentence, label, verdict: verdictOf(sentence) })),
)
const said = (verdict: string) => judged.filter((each) => each.verdict === verdict)
const share = (part: number, whole: number): number => part / whole

t.test('of a hundred labelled sentences, what is said is right', async (t) => {
  t.ok(judged.length >= 100, `${judged.length} sentences`)
  for (const [verdict, label] of [
    ['contradicts', 'false'],
    ['matches', 'true'],
  ] as const) {
    const all = said(verdict)
    const wrong = all.filter((each) => each.label !== label)
    t.strictSame(wrong, [], `every "${verdict}" is right`)
    const recall = share(all.length, LABELLED[label].length)
    t.ok(recall >= 0.8, `${verdict}: ${all.length} of ${LABELLED[label].length} found`)
    t.comment(
      `${verdict}: precision ${share(all.length - wrong.length, all.length)}, recall ${recall.toFixed(2)}`,
    )
  }
})

t.test('true sentences about a part or another thing are no contradictions', async (t) => {
  const { insights } = analyse([TABLES[0]!, textDocument('notes.md', here('./notes.md'))])
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
