import t from 'tap'
import { reportExample, reportSchema, reportSourceSchema } from '#schemas/report.ts'

t.test('a source is a file or a text, one of them', async (t) => {
  t.ok(reportSourceSchema.safeParse({ name: 'a.md', text: '# A' }).success)
  t.match(reportSourceSchema.safeParse({ name: 'a.md' }).error?.issues, [
    { message: 'give either blob or text' },
  ])
})

t.test('a recommendation rests on something', async (t) => {
  const [recommendation] = reportExample.recommendations
  const recommendations = [{ ...recommendation, evidence: [] }]
  t.notOk(reportSchema.safeParse({ ...reportExample, recommendations }).success)
})
