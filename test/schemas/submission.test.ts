import t from 'tap'
import { getSubmissionRequestSchema, labelsSchema, submissionSchema } from '#schemas/submission.ts'

t.test('sixteen labels and no more', async (t) => {
  const labels = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, 'x']))
  t.ok(labelsSchema.safeParse(labels(16)).success)
  t.match(labelsSchema.safeParse(labels(17)).error?.issues, [{ message: 'at most 16 labels' }])
  t.notOk(labelsSchema.safeParse({ '': 'x' }).success)
})

t.test('a submission is asked for by message id or by position, by one of them', async (t) => {
  t.ok(getSubmissionRequestSchema.safeParse({ messageId: 'a' }).success)
  t.ok(getSubmissionRequestSchema.safeParse({ seq: 1 }).success)
  for (const bad of [{}, { messageId: 'a', seq: 1 }, { seq: 0 }])
    t.notOk(getSubmissionRequestSchema.safeParse(bad).success, JSON.stringify(bad))
})

t.test('what is not known is refused, not passed over', async (t) => {
  t.match(submissionSchema.safeParse({ type: 'plan', dedline: 1 }).error?.issues, [
    { code: 'unrecognized_keys', keys: ['dedline'] },
  ])
})
