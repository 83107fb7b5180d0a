import t from 'tap'
import { runIdSchema } from '#schemas/identifiers.ts'
import { runIdOf, splitRunId } from '#workflow/decide/run-id.ts'

t.test('a run is named one way, and read back', async (t) => {
  for (const [stepId, part] of [
    ['a', undefined],
    ['a-b_1', '17'],
    ['a', 'fallback'],
  ] as const) {
    const runId = runIdOf(stepId, part)
    t.ok(runIdSchema.safeParse(runId).success, runId)
    t.strictSame(splitRunId(runId), { stepId, ...(part !== undefined && { part }) })
  }
  t.equal(runIdOf('a', 3), 'a.3')
})
