import t from 'tap'
import { sheetOfGrid } from '../../../../../services/agents/report/ingest/html/html-grid.ts'
import { readHtmlPage } from '../../../../../services/agents/report/ingest/html/html-text.ts'

const rows = (html: string) => readHtmlPage(html).grids.map((grid) => sheetOfGrid(grid).rows)

t.test('words of neighbouring elements stay apart; scripts, styles and what is hidden are out', async (t) => {
  const page = readHtmlPage(
    '<head><title>A &amp; B</title><style>p{}</style></head><body><h1>Report</h1><p>Sales <b>ro</b>se.</p><div>One</div><div>Two</div>three<br>four<ul><li>five<li>six</ul><script>if (a<b) x("</p>")</script><p hidden>no</p><p style="display: none">no</p>',
  )
  t.equal(page.text, 'Report\n\nSales rose.\n\nOne\n\nTwo\n\nthree\nfour\n\nfive\nsix')
  t.match(page, { title: 'A & B', headings: [{ level: 1, text: 'Report' }] })
})

t.test('a table of data is a table: implied ends, footnotes, spans', async (t) => {
  t.strictSame(rows('<table><tr><th>City<th>n<tr><td>Bonn<sup>[1]</sup><td>3<tr><td>Köln<td>4</table>'), [
    [
      ['City', 'n'],
      ['Bonn', '3'],
      ['Köln', '4'],
    ],
  ])
  const spans = '<table><tr><td rowspan=2>N<td>1<td>2<tr><td>3<td>4<tr><td colspan=2>S<td>5</table>'
  t.strictSame(rows(spans), [
    [
      ['N', '1', '2'],
      ['', '3', '4'],
      ['S', '', '5'],
    ],
  ])
})

t.test('a table that only arranges a page is text, and the one in it a table', async (t) => {
  const html =
    '<table><tr><td>Left</td><td><table><caption>In</caption><tr><td>a<td>b<tr><td>1<td>2</table></td></tr></table>'
  const page = readHtmlPage(html)
  t.equal(page.text, 'Left')
  t.match(page.grids, [{ caption: 'In' }])
})

t.test('hostile spans are bounded', async (t) => {
  const cell = '<td rowspan=65534 colspan=1000>x'
  const [sheet] = rows(`<table>${`<tr>${cell.repeat(20)}`.repeat(1000)}</table>`)
  t.ok(sheet!.length <= 1000)
})
