import t from 'tap'
import { escapeText, html } from '../../../../../services/agents/report/synthesis/html/markup.ts'

t.test('whatever is inserted is escaped', async (t) => {
  t.equal(
    html`<p title="${'"onload="x'}">${"<b>&'"}</p>`.text,
    '<p title="&quot;onload=&quot;x">&lt;b&gt;&amp;&#39;</p>',
  )
  t.equal(html`${[html`<i>`, 'a<', 3]}${false}${undefined}`.text, '<i>a&lt;3')
  t.equal(escapeText('a\u0000b\ud800c\u202ed'), 'a\ufffdb\ufffdcd')
})
