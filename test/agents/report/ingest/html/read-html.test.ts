import t from 'tap'
import { readHtmlPage } from '../../../../../services/agents/report/ingest/html/html-text.ts'
import { readHtml } from '../../../../../services/agents/report/ingest/html/read-html.ts'
import { cpuGrowth, MAX_GROWTH } from '../../../../support/cpu-growth.ts'

const signal = new AbortController().signal
const read = (html: string | Buffer) => readHtml(Buffer.from(html), { name: 'page.html', signal })

t.test('text and tables of a page', async (t) => {
  const html =
    '<title>T</title><p>Sales rose by 5 % in 2023.</p><table><tr><th>a<th>b<tr><td>1<td>x<tr><td>2<td>y</table>'
  t.match(await read(html), {
    text: { title: 'T', content: 'Sales rose by 5 % in 2023.' },
    tables: [{ name: 'page.html', rows: 2, columns: [{ name: 'a', values: [1, 2] }, { name: 'b' }] }],
    losses: [],
  })
})

t.test('the encoding that the page names', async (t) => {
  const html = Buffer.from('<meta charset="iso-8859-2"><p>Wynik: \xb1\xea\xb6.</p>', 'latin1')
  t.match(await read(html), { text: { content: 'Wynik: ąęś.' }, notes: [/iso-8859-2, as the file says/] })
})

t.test('a page that nests without end is refused', async (t) => {
  // It would take minutes: without the limit this test does not end.
  const bytes = Buffer.from('<div>'.repeat(1_000_000))
  await t.rejects(readHtml(bytes, { name: 'page.html', signal, timeoutMs: 500 }), { code: 'LIMIT_EXCEEDED' })
})

t.test('pages take time in proportion', async (t) => {
  const pageOf = (rows: number) =>
    `${'<p>Sales rose by <b>5 %</b> &amp; more.</p>'.repeat(rows)}<table>${'<tr><td>1<td>x'.repeat(rows)}</table>`
  const [quarter, whole] = [pageOf(10_000), pageOf(40_000)]
  const growth = await cpuGrowth({ quarter: () => readHtmlPage(quarter), whole: () => readHtmlPage(whole) })
  t.ok(growth < MAX_GROWTH, `${growth}`)
})
