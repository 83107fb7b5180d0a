import t from 'tap'
import { hasTaskText } from '#schemas/task-text.ts'

const task = {
  id: 'tAbc',
  type: 'report',
  status: 'failed' as const,
  labels: { team: 'north' },
  error: { code: 'BROKEN_FILE' as const, message: 'not a table' },
}

t.test('a text is found in id, type, status, labels and error, in upper and lower case', async (t) => {
  for (const text of [
    'TABC',
    'abc',
    'north',
    'team:nor',
    'team: north',
    'broken_',
    'a TABLE',
    ' report ',
    'fail',
  ])
    t.ok(hasTaskText(task as never, text), text)
  for (const text of ['south', 'team north', 'north:', 'xyz']) t.notOk(hasTaskText(task as never, text), text)
})
