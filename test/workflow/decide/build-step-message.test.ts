import t from 'tap'
import { buildStepMessage } from '#workflow/decide/build-step-message.ts'
import { taskState } from '../../support/task-states.ts'

const replyOf = (agent: string) => `log.0.result.${agent}`
const outAt = (attempt: number) => taskState('task-1', { steps: { a: { status: 'dispatched', attempt } } })

t.test('the message of the attempt that is out, and of no other', async (t) => {
  t.match(buildStepMessage(outAt(2), 'a', 2, replyOf), {
    taskId: 'task-1',
    stepId: 'a',
    agent: 'x',
    attempt: 2,
    reply: 'log.0.result.x',
  })
  t.equal(buildStepMessage(outAt(2), 'a', 1, replyOf), undefined, 'an earlier one is over')
  t.equal(buildStepMessage(outAt(2), 'a', 3, replyOf), undefined, 'a later one never was')
  t.equal(buildStepMessage(outAt(2), 'none', 2, replyOf), undefined)
})

t.test('a step that is not out has no message', async (t) => {
  for (const status of ['waiting', 'backoff', 'completed', 'failed', 'cancelled', 'skipped'] as const) {
    const state = taskState('task-1', { steps: { a: { status, attempt: 1 } } })
    t.equal(buildStepMessage(state, 'a', 1, replyOf), undefined, status)
  }
})
