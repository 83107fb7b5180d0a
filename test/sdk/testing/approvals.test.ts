import t from 'tap'
import { answerControl, openApprovals } from '../../../services/sdk/testing/approvals.ts'
import { createTestEnvironment } from '../../../services/sdk/testing.ts'

const env = createTestEnvironment()
const form = [{ name: 'n', type: 'integer' as const, required: true }]
const { id } = await env.submit({
  plan: {
    steps: [
      { id: 'ask', approval: { title: 'OK?', form, subject: { $from: 'input.what' }, assignees: ['me'] } },
      { id: 'after', needs: ['ask'], approval: { title: 'Sure?' } },
    ],
  },
  input: { what: 'this' },
})

t.test('open questions, with what is asked', async (t) => {
  t.match(openApprovals(env.task(id)), [
    { taskId: id, stepId: 'ask', attempt: 1, title: 'OK?', subject: 'this', assignees: ['me'] },
  ])
})

t.test('an answer names the question, and has to suit it', async (t) => {
  const task = env.task(id)
  t.strictSame(answerControl(task, 'ask', { decision: 'approved', values: { n: 1 } }), {
    ...{ v: 2, taskId: id, action: 'approval', stepId: 'ask', attempt: 1 },
    ...{ by: 'test', decision: 'approved', values: { n: 1 } },
  })
  t.throws(() => answerControl(task, 'ask', { decision: 'approved' }), { message: /values\.n is required/ })
  t.throws(() => answerControl(task, 'after', { decision: 'approved' }), {
    message: /is waiting.*"ask" awaits/,
  })
  t.throws(() => answerControl(task, 'no', { decision: 'rejected' }), { message: /is not there/ })
})
