import t from 'tap'
import { unresolvedCommands } from '#workflow/decide/commands.ts'
import { newTask } from '#workflow/decide/new-task.ts'
import { acceptedTask } from '../../support/random-plan.ts'
import { Story } from '../../support/story.ts'

const steps = [
  { id: 'a', agent: 'x', compensate: { agent: 'undo' } },
  { id: 'b', agent: 'x', needs: ['a'] },
]

t.test('a task that runs again begins with the results it keeps', async (t) => {
  const accepted = acceptedTask({ v: 2, plan: { steps }, results: { a: { n: 1 } }, retryOf: 'task-0' })
  t.match(newTask(accepted, { atMs: 5, seq: 7 }), {
    retryOf: 'task-0',
    steps: {
      a: { status: 'completed', attempt: 0, output: { n: 1 }, completedSeq: 7 },
      b: { status: 'waiting' },
    },
  })
  const story = new Story().accept(accepted)
  t.strictSame(story.dispatched, ['b:1'])
  t.strictSame(unresolvedCommands(story.state!), [{ kind: 'DispatchStep', stepId: 'b', attempt: 1 }])
  const all = new Story().accept({ ...accepted, results: { a: 1, b: 2 } })
  t.match(all.state, { status: 'completed', output: { b: 2 } }, 'one that keeps all is over at once')
})
