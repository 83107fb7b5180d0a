import t from 'tap'
import { ObjectOwners } from '../../../services/orchestrator/intake/object-owners.ts'
import { dispatchedTask } from '../../support/emitter-fixture.ts'

const refOf = (blob: string) => ({ blob, size: 1, sha256: 'a'.repeat(64), contentType: 'text/plain' })

function ownersOf(tasks: Record<string, string>, level = true) {
  let asked = 0
  const owners = new ObjectOwners({
    partitions: 2,
    store: {
      async readTasks(_: number, ids: readonly string[]) {
        asked++
        return ids.map((id) =>
          tasks[id] ? dispatchedTask(id, { agent: 'x', tenant: tasks[id] }) : undefined,
        )
      },
      position: async () => ({ offset: 1, level }) as never,
    } as never,
  })
  return { owners, asked: () => asked }
}

t.test('own objects only; others and those that are not there have the same answer', async (t) => {
  const { owners, asked } = ownersOf({ mine: 'acme', theirs: 'globex' })
  await owners.assertOwn('acme', { a: [refOf('tasks/mine/s/x'), refOf('tenants/acme/uploads/x')] })
  await owners.assertOwn('acme', refOf('monitors/mine/x'))
  t.equal(asked(), 1, 'the tenant of a task never changes')
  for (const key of [
    'tasks/theirs/s/x',
    'tasks/none/s/x',
    'monitors/theirs/x',
    'tenants/globex/uploads/x',
    'uploads/x',
    'elsewhere/x',
    'tasks/not.an.id/x',
  ])
    await t.rejects(
      owners.assertOwn('acme', { deep: { $json: refOf(key) } }),
      { code: 'BLOB_NOT_FOUND', message: `there is no object "${key}"` },
      key,
    )
})

t.test(
  'objects of a task that is history since the partition was restored are its tenant’s still',
  async (t) => {
    const owners = new ObjectOwners({
      partitions: 2,
      store: {
        readTasks: async () => [undefined],
        position: async () => ({ level: true, restoredAtMs: 5 }),
      } as never,
      ended: {
        find: async (id, position) =>
          id === 'old' && position?.restoredAtMs === 5
            ? dispatchedTask(id, { agent: 'x', tenant: 'acme' })
            : undefined,
      },
    })
    await owners.assertOwn('acme', refOf('tasks/old/s/x'))
    await t.rejects(owners.assertOwn('globex', refOf('tasks/old/s/x')), { code: 'BLOB_NOT_FOUND' })
    await t.rejects(owners.assertOwn('acme', refOf('tasks/none/s/x')), { code: 'BLOB_NOT_FOUND' })
  },
)

t.test('while a partition is built anew nobody says what is not there', async (t) => {
  const { owners } = ownersOf({}, false)
  await t.rejects(owners.assertOwn('acme', refOf('tasks/one/s/x')), { code: 'UNAVAILABLE' })
})

t.test('a bounded number of other tasks may be named', async (t) => {
  const { owners, asked } = ownersOf({})
  const many = Array.from({ length: 1001 }, (_, i) => refOf(`tasks/t${i}/s/x`))
  await t.rejects(owners.assertOwn('acme', many), { code: 'LIMIT_EXCEEDED' })
  t.equal(asked(), 0)
})
