import t from 'tap'
import { changedRow } from '../../../services/cli/controls/render-changed.ts'

t.test('what became of a task, and why not', async (t) => {
  const texts = (about: object) =>
    changedRow({ taskId: 't', outcome: 'done', ...about }).map(({ text }) => text)
  t.strictSame(texts({ type: 'plan', status: 'failed', newTaskId: 'n' }), [
    't',
    'plan',
    'failed',
    'done',
    'n',
    '',
  ])
  const problem = { code: 'TASK_NOT_FOUND', status: 404, message: 'there\u001b is none', fix: '' }
  t.strictSame(texts({ outcome: 'failed', problem }).slice(2, 5), ['', 'failed', ''])
  t.match(texts({ outcome: 'failed', problem })[5], /^TASK_NOT_FOUND: there/)
  t.notOk(texts({ outcome: 'failed', problem })[5]!.includes('\u001b'))
})
