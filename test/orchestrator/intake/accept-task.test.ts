import t from 'tap'
import { type AcceptDeps, acceptTask } from '../../../services/orchestrator/intake/accept-task.ts'
import { admit } from '../../../services/orchestrator/intake/admit.ts'
import { MurmurError } from '../../../services/platform/errors/murmur-error.ts'
import { encodeResultBatch } from '../../../services/platform/json/result-batch.ts'
import { partitionOf } from '../../../subjects/subjects.ts'

const PLAN = { steps: [{ id: 'a', agent: 'x' }] }

const admission = (about: { key?: string; n?: number } = {}) =>
  admit(
    Buffer.from(
      JSON.stringify({
        type: 'plan',
        plan: PLAN,
        input: { n: about.n ?? 1 },
        ...(about.key && { idempotencyKey: about.key }),
      }),
    ),
    { tenant: 'default', fallbackIdentity: 'once', isKnownAgent: async () => true },
  )

interface World {
  /** What the state knows under the task's id. */
  known?: { id: string; seq: number; bodyHash: string }
  /** What the log has at the place where the state ends; its first message has the number 3. */
  logged?: object | string
  /** What the broker remembers under its id. */
  stored?: string
  refuse?: MurmurError
}

/** A log and a store as the test says, and the ids under which something was published. */
function world({ known, logged, stored, refuse }: World = {}) {
  const ids: string[] = []
  let admitted = 0
  const told: string[] = []
  const deps = {
    bus: {
      publisher: {
        publish: async (_subject: string, _data: string, { msgId }: { msgId: string }) => {
          ids.push(msgId)
          if (refuse) throw refuse
          return { seq: 5, duplicate: stored !== undefined }
        },
      },
      streams: {
        messageAt: async () => {
          const text = typeof logged === 'object' ? JSON.stringify(logged) : (logged ?? stored)
          return text === undefined ? undefined : { subject: '', data: Buffer.from(text) }
        },
        facts: async () => ({ firstSeq: 3, lastSeq: 9 }),
      },
    },
    store: { readTasks: async () => [known], position: async () => ({ offset: 1, emitted: 1, level: true }) },
    partitions: 4,
    admission: {
      admit: () => {
        admitted++
        return {
          stored: (partition: number, seq: number) => void told.push(`stored ${partition} ${seq}`),
          withdrawn: () => void told.push('withdrawn'),
        }
      },
    },
  } as unknown as AcceptDeps
  return { deps, ids, told, admitted: () => admitted }
}

t.test('what is new is written, under the same id each time, and has to find room', async (t) => {
  const first = await admission({ key: 'k' })
  const { deps, ids, told, admitted } = world()
  t.strictSame(await acceptTask(first, deps), { taskId: first.accepted.taskId, duplicate: false })
  await acceptTask(first, deps)
  t.equal(ids.length, 2)
  t.equal(new Set(ids).size, 1)
  t.equal(admitted(), 2)
  const place = `stored ${partitionOf(first.accepted.taskId, 4)} 5`
  t.strictSame(told, [place, place], 'it is said where, so that it is counted once')
})

t.test('nobody is told of a task that the log does not have', async (t) => {
  const { deps, told } = world({ refuse: new MurmurError('UNAVAILABLE', 'not stored') })
  await t.rejects(acceptTask(await admission({ key: 'k' }), deps), { code: 'UNAVAILABLE' })
  t.strictSame(told, ['withdrawn'], 'and it takes no room')
})

t.test('a key that the state knows: the same body is the same task, another one a conflict', async (t) => {
  const first = await admission({ key: 'k' })
  const id = first.accepted.taskId
  const known = { id, seq: 7, bodyHash: first.accepted.bodyHash }
  const { deps, ids, admitted } = world({ known, logged: { taskId: id, kind: 'done' } })
  t.strictSame(await acceptTask(first, deps), { taskId: first.accepted.taskId, duplicate: true })
  const other = await admission({ key: 'k', n: 2 })
  t.equal(other.accepted.taskId, first.accepted.taskId)
  await t.rejects(acceptTask(other, deps), { code: 'IDEMPOTENCY_CONFLICT' })
  t.strictSame(ids, [], 'nothing is written')
  t.equal(admitted(), 0, 'and what exists already needs no room')
})

t.test(
  'a task that went with a log that was set back is no duplicate, and nobody can say more just now',
  async (t) => {
    const first = await admission({ key: 'k' })
    const id = first.accepted.taskId
    const known = { id, seq: 7, bodyHash: first.accepted.bodyHash }
    for (const logged of [undefined, { taskId: 'another' }, { no: 'task' }]) {
      const { deps, ids } = world({ known, ...(logged && { logged }) })
      await t.rejects(acceptTask(first, deps), { code: 'UNAVAILABLE', message: /set back/ })
      t.strictSame(ids, [], 'nothing is written')
    }
    const old = world({ known: { ...known, seq: 2 } })
    t.strictSame(
      await acceptTask(first, old.deps),
      { taskId: id, duplicate: true },
      'older than the log reaches',
    )
  },
)

t.test('a key that only the log knows yet', async (t) => {
  const first = await admission({ key: 'k' })
  const stored = JSON.stringify(first.accepted)
  const { deps, told } = world({ stored })
  t.strictSame(await acceptTask(first, deps), { taskId: first.accepted.taskId, duplicate: true })
  t.strictSame(told, ['withdrawn'], 'it has its room already')
  const other = await admission({ key: 'k', n: 2 })
  await t.rejects(acceptTask(other, world({ stored }).deps), { code: 'IDEMPOTENCY_CONFLICT' })
})

t.test('a key whose task is history since the partition was restored gives that task', async (t) => {
  const { deps, ids } = world()
  const one = await admission({ key: 'k' })
  const { taskId, bodyHash } = one.accepted
  const ended = { find: async (id: string) => (id === taskId ? ({ bodyHash } as never) : undefined) }
  t.strictSame(await acceptTask(one, { ...deps, ended }), { taskId, duplicate: true })
  const other = await admission({ key: 'k', n: 2 })
  await t.rejects(acceptTask(other, { ...deps, ended }), { code: 'IDEMPOTENCY_CONFLICT' })
  t.strictSame(ids, [], 'nothing begins anew')
})

t.test('one whose last result came together with those of others is a duplicate as any', async (t) => {
  const first = await admission({ key: 'k' })
  const { taskId } = first.accepted
  const known = { id: taskId, seq: 4, bodyHash: first.accepted.bodyHash }
  const result = (id: string) => JSON.stringify({ v: 1, taskId: id, stepId: 'a', attempt: 1 })
  const logged = encodeResultBatch([result('other'), result(taskId)])
  const { deps } = world({ known, logged })
  t.strictSame(await acceptTask(first, deps), { taskId, duplicate: true })
  const others = world({ known, logged: encodeResultBatch([result('other'), result('another')]) })
  await t.rejects(acceptTask(first, others.deps), { code: 'UNAVAILABLE', message: /set back/ })
})
