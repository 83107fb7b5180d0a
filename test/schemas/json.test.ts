import t from 'tap'
import { jsonObjectSchema, jsonValueSchema } from '#schemas/json.ts'

t.test('any value is one, none is not; an object is neither null nor a list', async (t) => {
  for (const value of [null, 0, '', false, [], {}]) t.ok(jsonValueSchema.safeParse(value).success)
  t.notOk(jsonValueSchema.safeParse(undefined).success)
  t.ok(jsonObjectSchema.safeParse({ a: 1 }).success)
  for (const value of [null, [], 'x', 7]) t.notOk(jsonObjectSchema.safeParse(value).success)
})
