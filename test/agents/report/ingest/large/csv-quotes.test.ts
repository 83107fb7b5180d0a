import t from 'tap'
import { quoteFollower } from '../../../../../services/agents/report/ingest/large/csv-quotes.ts'

const MARKS = { delimiter: ',', quote: '"', escapeMark: '"' }

t.test('a cell over several lines, and one that never closes, wherever the parts are cut', (t) => {
  const cases: [text: string, spanLines: boolean, isOpen: boolean][] = [
    ['a,b\n1,2\n', false, false],
    ['a,"b, ""c"""\n1,2\n', false, false],
    ['a,"b\n""c"\n1,2\n', true, false],
    ['a,"b"\r\n"1",2\r\n', false, false],
    ['a,5" pipe\n1,2\n', false, false],
    ['a, "b\nc"\n', true, false],
    ['a,b\n1,"never\n2,3\n', false, true],
    ['a,"b"', false, false],
  ]
  for (const [text, spanLines, isOpen] of cases)
    for (const size of [1, 3, 1000]) {
      const follow = quoteFollower(MARKS)
      let found = { spanLines: false, isOpen: false }
      for (let at = 0; at < text.length; at += size) found = follow(Buffer.from(text.slice(at, at + size)))
      t.same(found, { spanLines, isOpen }, JSON.stringify({ text, size }))
    }
  t.end()
})

t.test('backslashes before quotes', (t) => {
  const follow = quoteFollower({ ...MARKS, escapeMark: '\\' })
  t.same(follow(Buffer.from('a,"b \\", \\\\"\n1,2\n')), { spanLines: false, isOpen: false })
  t.end()
})
