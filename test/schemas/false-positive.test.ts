import t from 'tap'
import { listFalsePositivesRequestSchema } from '#schemas/false-positive.ts'

t.test('what is asked of a camera names one: it stands in a subject', async (t) => {
  t.ok(listFalsePositivesRequestSchema.safeParse({}).success)
  t.ok(listFalsePositivesRequestSchema.safeParse({ camera: 'yard-2' }).success)
  for (const camera of ['', '*', '>', 'a.b', 'a b', 'x'.repeat(65)])
    t.notOk(listFalsePositivesRequestSchema.safeParse({ camera }).success, JSON.stringify(camera))
})
