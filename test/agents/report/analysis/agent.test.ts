import t from 'tap'
import { type Analysis, analysisSchema } from '#schemas/analysis.ts'
import { createTestContext } from '#sdk/testing.ts'
import { analysisAgent } from '../../../../services/agents/report/analysis/agent.ts'
import { normalNumbers } from './normal-numbers.ts'
import { column, dataDocument, imageDocument, textDocument } from './sample-documents.ts'

const DAYS = 180

const noise = normalNumbers(DAYS, 1)

const more = normalNumbers(DAYS, 2)

const days = Array.from({ length: DAYS }, (_, i) => i)

/** Half a year of a shop: revenue rises, returns jump on day 121, one day of ice is wrong, warm days sell more of it. */
const sales = dataDocument('sales.csv', [
  column(
    'row',
    'number',
    days.map((i) => i + 1),
  ),
  column(
    'date',
    'temporal',
    days.map((i) => Date.UTC(2024, 0, 1 + i)),
  ),
  column(
    'region',
    'category',
    days.map((i) => (i % 3 === 0 ? 'North' : 'South')),
  ),
  column(
    'revenue',
    'number',
    days.map((i) => 1000 + 5 * i + 30 * noise[i]!),
  ),
  column(
    'returns',
    'number',
    days.map((i) => (i < 120 ? 10 : 25) + 2 * more[i]!),
  ),
  column(
    'temperature',
    'number',
    days.map((i) => 15 + 4 * noise[(i * 7) % DAYS]!),
  ),
  column(
    'ice_sold',
    'number',
    days.map((i) => (i === 77 ? 900 : 100 + 12 * noise[(i * 7) % DAYS]! + more[i]!)),
  ),
  column(
    'visits',
    'number',
    days.map((i) => (i % 3 === 0 ? 60 : 50) + 4 * more[(i * 11) % DAYS]!),
  ),
  column(
    'discount',
    'number',
    days.map((i) => (i % 4 === 0 ? null : noise[(i * 13) % DAYS]!)),
  ),
])

const saying = (analysis: Analysis, kind: string, name: string) =>
  analysis.insights.filter((i) => i.kind === kind && i.statement.includes(name))

t.test('half a year of a shop', async (t) => {
  const analysis = await analyse([sales])
  const trend = analysis.trends.find((found) => found.column === 'revenue')
  t.equal(trend?.direction, 'rising')
  t.ok(
    trend && trend.slopeInterval.low < 5 && trend.slopeInterval.high > 5,
    'the interval holds the true slope',
  )
  t.ok(Math.abs((trend?.linear?.slope ?? 0) - 5) < 0.2)
  t.equal(saying(analysis, 'trend', 'revenue').length, 1)
  t.equal(saying(analysis, 'anomaly', 'revenue').length, 0, 'what is merely trend is no anomaly')

  const [jump] = saying(analysis, 'change-point', 'returns')
  t.match(jump?.statement, /2024-04-30 \(row 121\)/)
  t.equal(saying(analysis, 'trend', 'returns').length, 0, 'a step is not told again as a trend')

  const wrong = analysis.anomalies.filter((found) => found.column === 'ice_sold')
  t.same(
    wrong.map(({ row, value, label }) => ({ row, value, label })),
    [{ row: 78, value: 900, label: '2024-03-18' }],
  )
  t.ok(wrong[0]!.expected.high < 200)

  t.equal(saying(analysis, 'correlation', 'ice_sold').length, 1)
  t.equal(saying(analysis, 'correlation', 'revenue').length, 0, 'common trends are no correlation')
  t.match(saying(analysis, 'difference', 'visits')[0]?.statement, /median is .* for North/)
  t.match(saying(analysis, 'quality', 'discount')[0]?.statement, /25 %/)
  t.notOk(analysis.trends.some(({ column }) => column === 'row' || column === 'date'))

  const strengths = analysis.insights.map(({ strength }) => strength)
  t.same(
    strengths,
    strengths.toSorted((a, b) => b - a),
  )
  t.same(analysis.insights[0]?.id, 'i1')
  t.equal(new Set(analysis.insights.map(({ statement }) => statement)).size, analysis.insights.length)
})

t.test('the same input gives the same analysis', async (t) => {
  t.same(await analyse([sales]), await analyse([sales]))
})

t.test('statements of a text are held against the data', async (t) => {
  const notes = textDocument(
    'notes.md',
    'The average temperature was 27.5 degrees. Revenue fell all the time. The highest ice sold was 900. ' +
      'In March the average temperature was 3 degrees. The average visits are expected to be 500.',
  )
  const analysis = await analyse([sales, notes])
  const told = analysis.insights.filter(({ kind, evidence }) => kind === 'text' && 'stated' in evidence)
  t.same(
    told.map(({ evidence }) => [evidence.measure, evidence.stated]).sort(),
    [
      ['direction', 'falling'],
      ['maximum', 900],
    ],
    'a part of the rows, another unit and an expectation are not judged',
  )
  for (const { strength } of told) t.ok(strength < 0.8, 'no contradiction is certain')
  t.ok(analysis.texts[0]?.figures.some(({ value, unit }) => value === 27.5 && unit === 'degrees'))
})

t.test('pictures: near duplicates, blurred and dark ones', async (t) => {
  const analysis = await analyse([
    imageDocument('a.jpg', {}),
    imageDocument('b.jpg', { perceptualHash: 'f0e1d2c3b4a59686' }),
    imageDocument('c.jpg', { perceptualHash: '0f1e2d3c4b5a6978', sharpness: 12 }),
    imageDocument('d.jpg', { perceptualHash: 'ffff00000000ffff', brightness: 9, contrast: 4, sharpness: 2 }),
  ])
  t.same(
    analysis.images.map(({ nearDuplicateOf }) => nearDuplicateOf),
    [undefined, 'a.jpg', undefined, undefined],
  )
  t.same(
    analysis.insights.map(({ statement }) => statement),
    [
      'b.jpg shows nearly the same picture as a.jpg.',
      '1 of 4 pictures is blurred: c.jpg.',
      '1 of 4 pictures is very dark: d.jpg.',
    ],
  )
})

t.test('failed and missing documents are told, not fatal', async (t) => {
  const analysis = await analyse([
    null,
    { error: { code: 'BROKEN_FILE', message: 'torn' }, name: 'x.pdf' },
    sales,
  ])
  t.same(analysis.documents[0]?.problem, { code: 'BROKEN_FILE', message: 'torn' })
  t.equal(saying(analysis, 'quality', '1 document of 2 could not be read and is left out: x.pdf').length, 1)
  t.same((await analyse([])).insights, [])
})

t.test('an aborted step stops', async (t) => {
  const ctx = createTestContext({ signal: AbortSignal.abort(new Error('drained')) })
  await t.rejects(async () => analysisAgent.handle(analysisAgent.input.parse({ documents: [sales] }), ctx), {
    message: 'drained',
  })
})

async function analyse(documents: unknown[]): Promise<Analysis> {
  const input = analysisAgent.input.parse({ documents })
  const outcome = await analysisAgent.handle(input, createTestContext())
  if (outcome.kind !== 'done') throw new Error(`ended as ${outcome.kind}`)
  return analysisSchema.parse(outcome.output)
}
