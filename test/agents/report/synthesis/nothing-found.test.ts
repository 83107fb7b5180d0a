import t from 'tap'
import {
  describedMeasures,
  nothingFoundText,
} from '../../../../services/agents/report/synthesis/nothing-found.ts'
import { documentEntry, emptyAnalysis, numberColumn } from './analysis-fixtures.ts'

const quality = { rejected: [], missing: [], insightIds: [], notes: [], losses: [] }
const column = numberColumn(
  { document: 'p.csv', table: 'p.csv', column: 'unit_price (EUR)' },
  Array.from({ length: 9 }, (_, row) => [row + 1, 10 * (row + 1)]),
)

t.test('measures are described where nothing stands out', async (t) => {
  const text = (about: object) =>
    describedMeasures({ columns: [{ ...column, ...about }] }).map((each) => each.replaceAll('\u00a0', ' '))
  t.strictSame(text({}), [
    'Unit price: the median is 50 EUR, the middle half 30 to 70 EUR, all from 10 to 90 EUR.',
  ])
  t.strictSame(text({ role: 'identifier' }), [])
  t.strictSame(text({ kind: 'temporal' }), [])
})

t.test('a text without words is not called read', async (t) => {
  const text = (words: number) =>
    nothingFoundText({
      analysis: {
        ...emptyAnalysis,
        documents: [documentEntry('scan.pdf', { kind: 'text' })],
        texts: [{ document: 'scan.pdf', words, keyPhrases: [], keySentences: [], figures: [] }],
      },
      findings: [],
      quality,
    })
  t.equal(text(0), 'scan.pdf: no text could be read.')
  t.equal(text(9), 'scan.pdf: there are no figures to test.')
})
