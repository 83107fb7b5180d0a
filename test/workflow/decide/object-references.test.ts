import fc from 'fast-check'
import t from 'tap'
import type { JsonValue } from '#schemas/json.ts'
import type { TaskState } from '#schemas/task.ts'
import {
  objectKeysIn,
  ownerOfKey,
  unprovenKeys,
} from '../../../services/workflow/decide/object-references.ts'
import { uploadFolder } from '../../../subjects/streams.ts'
import { dispatchedTask } from '../../support/emitter-fixture.ts'

const refOf = (blob: string) => ({ blob, size: 1, sha256: 'a'.repeat(64), contentType: 'text/plain' })

t.test('whose an object is, by its key', async (t) => {
  t.strictSame(ownerOfKey('uploads/x'), { tenant: 'default' })
  t.strictSame(ownerOfKey('tenants/acme/uploads/x'), { tenant: 'acme' })
  t.strictSame(ownerOfKey('tasks/t1/step/x'), { taskId: 't1' })
  t.strictSame(ownerOfKey('monitors/t1/x'), { taskId: 't1' })
  for (const key of [
    'x',
    'uploads',
    'uploads/',
    'uploads/../tasks/t1/x',
    'tenants/acme/x',
    'tenants/acme/uploads',
    'tasks/t1',
    'tasks//x',
    'other/t1/x',
  ])
    t.equal(ownerOfKey(key), undefined, key)
  for (const tenant of ['default', 'acme', 'uploads'])
    t.strictSame(ownerOfKey(`${uploadFolder(tenant)}/x`), { tenant })
})

t.test(
  'property: a reference is found wherever it stands, and what is none is not taken for one',
  async () => {
    const nest = fc.array(fc.oneof(fc.string(), fc.constant(0)), { maxLength: 20 })
    fc.assert(
      fc.property(nest, fc.boolean(), fc.jsonValue(), (path, isStored, beside) => {
        const ref = refOf('tenants/acme/uploads/x')
        let value: unknown = isStored ? { $json: ref, path: ['a'] } : ref
        for (const part of path)
          value = typeof part === 'string' ? { beside, [`k${part}`]: value } : [beside, value]
        return objectKeysIn(value).has(ref.blob) && objectKeysIn(beside, { blob: 'some text' }).size === 0
      }),
    )
  },
)

t.test(
  'what a run is given: its own, what it was submitted with and what children gave is not asked about',
  async (t) => {
    const task = (about: Partial<TaskState> = {}) =>
      dispatchedTask('t1', { agent: 'x', tenant: 'acme', ...about })
    const open = (state: TaskState, ...keys: string[]) => unprovenKeys(state, keys.map(refOf) as JsonValue)
    t.strictSame(open(task(), 'tasks/t1/a/x', 'tenants/acme/uploads/x'), [])
    t.strictSame(open(task(), 'tasks/t2/a/x'), ['tasks/t2/a/x'])
    t.strictSame(open(task(), 'uploads/x', 'tenants/globex/uploads/x').toSorted().toReversed(), [
      'uploads/x',
      'tenants/globex/uploads/x',
    ])
    const given = task({ input: { deep: [{ file: refOf('tasks/t2/a/x') }] } as never })
    t.strictSame(open(given, 'tasks/t2/a/x', 'tasks/t2/a/y'), ['tasks/t2/a/y'])
    t.strictSame(open(task({ retryOf: 't0' }), 'tasks/t0/a/x'), [])
    const [step] = task().plan.steps
    const parent = task({
      plan: {
        steps: [
          { id: 'a', task: { type: 'plan' } },
          { ...step!, id: 'b' },
        ],
      } as never,
      steps: {
        a: { status: 'completed', attempt: 1, output: refOf('tasks/child/a/x') as never },
        b: { status: 'completed', attempt: 1, output: refOf('tasks/made-up/a/x') as never },
      },
    })
    t.strictSame(open(parent, 'tasks/child/a/x', 'tasks/made-up/a/x'), ['tasks/made-up/a/x'])
  },
)
