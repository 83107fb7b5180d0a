import t from 'tap'
import { taskIdSchema, tenantSchema } from '#schemas/identifiers.ts'

t.test('an id is one token of a subject', async (t) => {
  for (const id of ['a', 'A-z_0', 'x'.repeat(64)]) t.ok(taskIdSchema.safeParse(id).success, id)
  for (const id of ['', 'a.b', '*', '>', 'a b', 'ä', 'x'.repeat(65), 7])
    t.notOk(taskIdSchema.safeParse(id).success, String(id))
  t.match(tenantSchema.safeParse('a.b').error?.issues, [{ message: /^a tenant must be/ }])
})
