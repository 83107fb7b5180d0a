import t from 'tap'
import { readHtml } from '../../../../../services/agents/report/ingest/html/read-html.ts'

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

t.test('a page that nests without end is read or refused in time', async (t) => {
  const bytes = Buffer.from('<div>'.repeat(300_000))
  const startedAtMs = performance.now()
  try {
    await readHtml(bytes, { name: 'page.html', signal, timeoutMs: 2_000 })
  } catch (error) {
    t.match(error, { code: 'LIMIT_EXCEEDED' })
  }
  // Far above the limit for a busy machine, and far below the minutes that the page would take.
  t.ok(performance.now() - startedAtMs < 60_000)
})
