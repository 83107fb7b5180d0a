import t from 'tap'
import type { Analysis } from '#schemas/analysis.ts'
import { buildReport } from '../../../../../services/agents/report/synthesis/build-report.ts'
import { renderReport } from '../../../../../services/agents/report/synthesis/html/render-report.ts'
import { documentEntry, emptyAnalysis, numberColumn } from '../analysis-fixtures.ts'
import { climateAnalysis } from '../climate-analysis.ts'
import { hostileAnalysis, manyColumns, onlyImages, onlyRejected } from '../edge-analyses.ts'
import { storesAnalysis } from '../stores-analysis.ts'

const render = (analysis: Analysis, title = 'Report'): string =>
  renderReport(buildReport({ title, analysis, nowMs: 1_790_000_000_000 }))

t.test('hostile names stay text, in HTML and in SVG', async (t) => {
  const page = render(hostileAnalysis(), '</title><script>alert(1)</script>')
  t.notMatch(page, /<script/i)
  t.notMatch(page, /<img[^>]+onerror/i)
  // Inside a tag an escaped quote cannot end the attribute, so a handler never becomes one.
  for (const tag of page.match(/<[a-z][^>]*>/gi) ?? []) {
    t.notMatch(tag.replace(/"[^"]*"/g, '""'), /\son[a-z]+=/i)
  }
  t.match(page, '&lt;script&gt;')
  t.match(page, /<title>&lt;\/title&gt;/)
})

t.test('nothing is loaded from anywhere', async (t) => {
  const page = render(climateAnalysis())
  t.match(
    page,
    /http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; img-src data:/,
  )
  t.notMatch(page, /(?:src|href|xlink:href)="(?:https?:)?\/\//)
  t.notMatch(page, /@import|url\((?!#clip)/)
})

t.test('every section is there, and the contents lead to it', async (t) => {
  const page = render(climateAnalysis())
  const links = [...page.matchAll(/<li><a href="#([a-z]+)">/g)].map(([, id]) => id)
  t.same(links, [
    'summary',
    'findings',
    'recommendations',
    'series',
    'trends',
    'anomalies',
    'correlations',
    'categories',
    'columns',
    'texts',
    'images',
    'quality',
    'sources',
  ])
  for (const id of links) t.match(page, `<section id="${id}"`)
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
  t.equal(new Set(ids).size, ids.length, 'ids are unique')
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g))
    t.ok(ids.includes(target), `${target} is on the page`)
})

t.test('each kind of finding has its picture', async (t) => {
  const page = render(storesAnalysis())
  for (const id of ['rules', 'groups', 'seasons', 'panels', 'distributions', 'tables'])
    t.match(page, `<section id="${id}"`)
  t.match(page, 'aria-label="Scatter chart of spend (EUR) against tenure (months), 200 rows"')
  t.match(page, 'aria-label="Median and middle half of spend by group"')
  t.match(page, 'aria-label="Seasonal profile of visits by month of the year"')
  t.equal(page.match(/aria-label="Course of [A-E]"/g)?.length, 5, 'a picture for each store')
  t.match(page, /<small>code of churn<\/small>/, 'what a column is computed from')
  t.match(page, 'panel: one row an entity and a moment')
  t.match(page, 'Left out of this report')
  t.match(page, 'It could not be fetched or worked on; try again.')
  t.equal(page.match(/<h3>churn_label by/g), null, 'a recoding is no picture')
})

t.test('no number is left unreadable', async (t) => {
  for (const analysis of [climateAnalysis(), storesAnalysis(), manyColumns(), hostileAnalysis()]) {
    t.notMatch(render(analysis), /NaN|Infinity|undefined|\[object/)
  }
})

t.test('unusual analyses still make a page', async (t) => {
  const empty = render(emptyAnalysis)
  t.match(empty, 'There was nothing to read.')
  t.notMatch(empty, 'id="series"')
  t.match(render(onlyRejected()), 'BROKEN_FILE')
  t.match(render(onlyImages()), 'No preview')
  const many = render(manyColumns())
  t.match(many, /188 further series are not drawn/)
  t.match(many, /175 more columns/)
  const flat = numberColumn({ document: 'd', table: 'd', column: 'constant' }, [
    [1, 5],
    [2, 5],
    [3, 5],
  ])
  t.match(render({ ...emptyAnalysis, documents: [documentEntry('d')], columns: [flat] }), 'All columns')
})
