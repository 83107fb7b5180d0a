import t from 'tap'
import { escapeHtml } from '../../../services/edge/console/escape-html.ts'

t.test('what is put into a page is text there', async (t) => {
  t.equal(escapeHtml(`<a href="x">'&`), '&lt;a href=&quot;x&quot;&gt;&#39;&amp;')
})
