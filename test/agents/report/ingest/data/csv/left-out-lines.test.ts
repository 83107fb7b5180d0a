import t from 'tap'
import {
  leftOutLines,
  lineText,
} from '../../../../../../services/agents/report/ingest/data/csv/left-out-lines.ts'

t.test('few lines are told word for word, many are a loss', async (t) => {
  t.strictSame(leftOutLines([], 'below'), {})
  t.match(
    leftOutLines(['Source: me'], 'below the table').note,
    /1 line below the table was left out: "Source: me"/,
  )
  const many = leftOutLines(
    Array.from({ length: 9 }, (_, i) => `line ${i}`),
    'above',
  )
  t.match(many, { note: undefined, loss: /9 lines above were left out, such as "line 0"/ })
  t.ok(leftOutLines(['a'.repeat(500)], 'above').loss)
  t.equal(lineText([' a ', '', 'b']), 'a, b')
})
