import t from 'tap'
import { readWords } from '../../../../../services/agents/report/ingest/data/word-column.ts'

t.test('categories come again, texts do not', async (t) => {
  t.equal(readWords('x', ['a', 'b', 'a', 'b']).column.kind, 'category')
  t.equal(readWords('x', ['a', 'b', 'c', 'd']).column.kind, 'text')
})

t.test('spellings that differ in capitals and blanks are told with their rows', async (t) => {
  const { notes, column } = readWords('city', ['Berlin', 'berlin', 'Paris', 'Paris', 'Berlin', 'Paris'])
  t.match(notes, [/"Berlin", "berlin".*3 rows/])
  t.match(column.values, ['Berlin', 'berlin'], 'and not joined')
  t.strictSame(readWords('grade', ['a', 'A', 'a', 'A']).notes, [], 'letters may be codes')
})
