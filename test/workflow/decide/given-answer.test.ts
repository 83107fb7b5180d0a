import t from 'tap'
import type { ApprovalAnswer } from '#workflow/decide/approval-answer.ts'
import { isAnswerGiven } from '#workflow/decide/given-answer.ts'
import { Story } from '../../support/story.ts'

const storyOf = (about: object = {}) =>
  new Story().accept({
    plan: {
      steps: [
        {
          id: 'ask',
          approval: {
            ...{ title: 'Pay?', editable: true, subject: { amount: { $from: 'input.amount' } } },
            form: [{ name: 'account', type: 'string' }],
            ...about,
          },
        },
      ],
    },
    input: { amount: 42 },
  } as never)

type Answer = ApprovalAnswer & { attempt: number }
const APPROVED: Answer = { decision: 'approved', by: 'anna', attempt: 1 }
const REJECTED: Answer = { decision: 'rejected', by: 'anna', attempt: 1 }

/** Whether a second answer is the one that was given first. */
function given(first: Answer, second: Answer): boolean {
  const story = storyOf()
  story.at(1, {
    kind: 'control',
    body: { v: 2, taskId: 'task-1', action: 'approval', stepId: 'ask', ...first },
  })
  return isAnswerGiven(story.state!, 'ask', second)
}

t.test(
  'the same answer of the same person is the one that was given, in whatever order its fields are',
  async (t) => {
    const full: Answer = { ...APPROVED, values: { account: 'a' }, subject: { amount: 40 }, comment: 'less' }
    for (const answer of [APPROVED, full, { ...APPROVED, comment: 'well' }, { ...APPROVED, values: {} }])
      t.equal(given(answer, structuredClone(answer)), true, JSON.stringify(answer))
    const { comment, subject, ...rest } = full
    t.equal(given(full, { subject, comment, ...rest }), true)
    t.equal(given(APPROVED, { ...APPROVED, subject: { amount: 42 } }), true, 'as it was shown')
    t.equal(given(REJECTED, REJECTED), true)
    t.equal(
      given({ ...REJECTED, comment: 'no'.repeat(2000) }, { ...REJECTED, comment: 'no'.repeat(2000) }),
      true,
      'cut',
    )
  },
)

t.test('any other is not', async (t) => {
  const others: [Answer, Answer][] = [
    [APPROVED, REJECTED],
    [REJECTED, APPROVED],
    [APPROVED, { ...APPROVED, by: 'berta' }],
    [REJECTED, { ...REJECTED, by: 'berta' }],
    [APPROVED, { ...APPROVED, comment: 'well' }],
    [REJECTED, { ...REJECTED, comment: 'no' }],
    [APPROVED, { ...APPROVED, values: { account: 'a' } }],
    [{ ...APPROVED, subject: { amount: 40 } }, APPROVED],
    [APPROVED, { ...APPROVED, attempt: 2 }],
  ]
  for (const [first, second] of others) t.equal(given(first, second), false, JSON.stringify([first, second]))
})

t.test('what is open, is decided by time or asks nothing was answered by nobody', async (t) => {
  t.equal(isAnswerGiven(storyOf().state!, 'ask', APPROVED), false)
  t.equal(isAnswerGiven(storyOf().state!, 'other', APPROVED), false)
  const late = storyOf({ timeoutMs: 1000, onTimeout: 'approve' }).timer(1000)
  t.equal(late.state!.steps.ask!.status, 'completed')
  t.equal(isAnswerGiven(late.state!, 'ask', APPROVED), false)
})
