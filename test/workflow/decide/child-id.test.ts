import t from 'tap'
import { taskIdSchema } from '#schemas/identifiers.ts'
import { rangeOf, withoutRange } from '#subjects/task-partition.ts'
import { childIdOf } from '#workflow/decide/child-id.ts'

t.test('an attempt has one child, whenever it is asked for, and no other attempt has it', async (t) => {
  const id = childIdOf('k', 'map.1', 1)
  t.equal(id, childIdOf('k', 'map.1', 1))
  t.ok(taskIdSchema.safeParse(id).success)
  const others = [childIdOf('k', 'map.1', 2), childIdOf('k', 'map.11', 1), childIdOf('other', 'map.1', 1)]
  t.equal(new Set([id, ...others]).size, 4)
})

t.test('a child is of the epoch of its parent', async (t) => {
  const plain = `t${'a'.repeat(22)}`
  t.equal(rangeOf(childIdOf(plain, 'step', 1)), undefined)
  const child = childIdOf(`${plain}-4x8`, 'step', 1)
  t.strictSame(rangeOf(child), { first: 4, count: 8 })
  t.not(
    withoutRange(child),
    childIdOf(plain, 'step', 1),
    'and another one than that of the same name in another epoch',
  )
})
