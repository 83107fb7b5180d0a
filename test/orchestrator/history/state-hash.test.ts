import fc from 'fast-check'
import t from 'tap'
import type { TaskState } from '#schemas/task.ts'
import { canonicalJson, stateHash } from '../../../services/orchestrator/history/state-hash.ts'

/** The same value with the members of its objects in another order. */
function turned(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(turned)
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, turned(member)]),
  )
}

t.test('the order of members does not count, the values and the order of lists do', async (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      t.equal(canonicalJson(turned(value)), canonicalJson(value))
      t.equal(canonicalJson(JSON.parse(canonicalJson(value))), canonicalJson(value))
    }),
  )
  const hash = (value: object) => stateHash(value as TaskState)
  t.equal(hash({ id: 'a', b: [1, 2], error: undefined }), hash({ b: [1, 2], id: 'a' }))
  t.not(hash({ b: [1, 2] }), hash({ b: [2, 1] }))
  t.equal(hash({}), '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', 'SHA-256 of {}')
})
