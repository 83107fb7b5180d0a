import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { TaskAccepted } from '../../../schemas/log-event.ts'
import { ObjectKeeping } from '../../../services/orchestrator/objects/object-keeping.ts'
import { taskState } from '../../support/task-states.ts'

const refOf = (blob: string) => ({ blob, size: 1, sha256: 'a'.repeat(64), contentType: 'text/plain' })
function keepingOf(about: { recorded?: string[]; stored?: string[]; going?: string[]; isAway?: boolean }) {
  const recorded = new Set(about.recorded)
  const kept: [string, string[]][] = []
  const letGo: [string, string[]][] = []
  const keeping = new ObjectKeeping({
    ledger: {
      async keep(taskId, keys, { targets = [] }) {
        const missing = keys.filter((key) => !recorded.has(key))
        if (missing.length > 0) return { missing }
        kept.push([taskId, [...keys, ...targets]])
        return { begun: keys.map((key): `o:${string}` => `o:${key}`) }
      },
      async letGo(taskId, targets) {
        letGo.push([taskId, [...targets]])
        if (about.isAway) throw new Error('Redis is away')
      },
      async record({ key }) {
        recorded.add(key)
        return 1
      },
      isGoing: async (key) => about.going?.includes(key) ?? false,
    },
    blobs: {
      async find(key) {
        if (!about.stored?.includes(key)) throw new MurmurError('BLOB_NOT_FOUND', key)
        return { name: key, nuid: 'x', size: 1, chunks: 1 }
      },
    },
    ...{ uploadTtlMs: 1000, nowMs: () => 1 },
  })
  return { keeping, kept, letGo }
}
const asked = (input: object, more: Partial<TaskAccepted> = {}) =>
  ({ taskId: 't1', tenant: 'default', input, plan: { steps: [] }, ...more }) as TaskAccepted

t.test('a task keeps what it refers to, but not what it makes itself', async (t) => {
  const { keeping, kept } = keepingOf({ recorded: ['uploads/a', 'tasks/t0/s/x'] })
  await keeping.keepFor(asked({ n: 1 }))
  t.strictSame(kept, [], 'nothing is asked')
  await keeping.keepFor(asked([refOf('uploads/a'), { $json: refOf('tasks/t0/s/x') }, refOf('tasks/t1/s/y')]))
  t.strictSame(kept, [['t1', ['tasks/t0/s/x', 'uploads/a']]])
})

t.test('what other tools have stored is found in the store; what is gone or going is refused', async (t) => {
  const { keeping, kept } = keepingOf({ stored: ['uploads/b', 'uploads/c'], going: ['uploads/c'] })
  await keeping.keepFor(asked(refOf('uploads/b')))
  t.strictSame(kept, [['t1', ['uploads/b']]])
  for (const key of ['uploads/c', 'uploads/d'])
    await t.rejects(keeping.keepFor(asked(refOf(key))), { code: 'BLOB_NOT_FOUND' })
})

t.test(
  'a parent keeps what its child makes; signals count as well; of what was lost the rest is kept',
  async (t) => {
    const { keeping, kept } = keepingOf({ recorded: ['uploads/a'] })
    const parent = { taskId: 'p', stepId: 's', attempt: 1, depth: 1 }
    await keeping.keepFor(asked({}, { parent } as Partial<TaskAccepted>))
    await keeping.keepSent({ id: 't2', tenant: 'default' }, refOf('uploads/a'))
    const input = [refOf('uploads/a'), refOf('uploads/lost')] as unknown as Record<string, never>
    await keeping.keepAgain(taskState('t3', { input }))
    t.strictSame(kept, [
      ['p', ['t:t1']],
      ['t2', ['uploads/a']],
      ['t3', ['uploads/a']],
    ])
  },
)

t.test('what is not accepted after all lets go of what it has begun to keep', async (t) => {
  for (const isAway of [false, true]) {
    const { keeping, letGo } = keepingOf({ recorded: ['uploads/a'], isAway })
    t.equal(await keeping.keepFor(asked({ n: 1 })), undefined)
    const begun = await keeping.keepFor(asked(refOf('uploads/a')))
    t.strictSame(letGo, [])
    await begun?.letGo()
    t.strictSame(letGo, [['t1', ['o:uploads/a']]], 'and nobody hears of it when that fails')
  }
})
