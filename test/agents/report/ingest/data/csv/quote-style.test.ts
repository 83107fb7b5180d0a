import t from 'tap'
import { sniffQuoting } from '../../../../../../services/agents/report/ingest/data/csv/quote-style.ts'

t.test('backslashes before quotes only where they mend something', async (t) => {
  t.match(sniffQuoting('1,"he said \\"hi, you\\" twice",2\n'), { escapeMark: '\\' })
  t.match(sniffQuoting('1,"{\\"a\\": 1, \\"b\\": 2}",2\n'), { escapeMark: '\\' })
  t.match(sniffQuoting('1,"C:\\",2\n3,"D:\\",4\n'), { escapeMark: '"' }, 'the end of a path')
  t.match(sniffQuoting('1,"he said ""hi""",2\n'), { escapeMark: '"' })
})

t.test('single quotes, apostrophes, spaces before quotes', async (t) => {
  t.match(sniffQuoting("1,'a, b',2\n2,'c',3\n3,'d, e',4"), { quote: "'" })
  t.match(sniffQuoting("1,O'Hara,2\n2,D'Arc,3"), { quote: '"' })
  t.match(sniffQuoting('1, "a, b", 2\n'), { isSpaced: true })
  t.notOk(sniffQuoting('1,"a, b",2\n').isSpaced)
})
