import t from 'tap'
import { outputLines } from '../../../services/cli/task-view/present-task.ts'

t.test('a long output is cut, and says so', async (t) => {
  t.strictSame(outputLines({ a: 1 }), ['{', '  "a": 1', '}'])
  t.match(outputLines(Array.from({ length: 100 }, (_, i) => i)).at(-1), /62 more lines/)
})
