import t from 'tap'
import { taskIdSchema } from '#schemas/identifiers.ts'
import { childIdOf } from '#workflow/decide/child-id.ts'

t.test('an attempt has one child, whenever it is asked for, and no other attempt has it', async (t) => {
  const id = childIdOf('k', 'map.1', 1)
  t.equal(id, childIdOf('k', 'map.1', 1))
  t.ok(taskIdSchema.safeParse(id).success)
  const others = [childIdOf('k', 'map.1', 2), childIdOf('k', 'map.11', 1), childIdOf('other', 'map.1', 1)]
  t.equal(new Set([id, ...others]).size, 4)
})
