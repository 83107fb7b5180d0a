import t from 'tap'
import { PlatformKeys } from '#platform/config/platform-keys.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { TaskState } from '#schemas/task.ts'
import { StepAccess, type StepAccessDeps } from '../../../services/orchestrator/objects/step-access.ts'
import { StepTokens } from '../../../services/orchestrator/partition/step-tokens.ts'

const keys = new PlatformKeys(['k'.repeat(32)], 1000)
const tokens = new StepTokens(keys)
const STEP = { taskId: 't1', stepId: 'only', attempt: 2 }

/** A task with one step out, as the store has it. */
function task(about: Partial<TaskState> = {}): TaskState {
  return {
    id: 't1',
    tenant: 'acme',
    status: 'running',
    createdAtMs: 2000,
    deadlineAtMs: 9000,
    plan: { steps: [{ id: 'only', agent: 'writer' }] },
    steps: { only: { status: 'dispatched', attempt: 2 } },
    ...about,
  } as unknown as TaskState
}

function accessTo(stored: Record<string, TaskState>, deps: Partial<StepAccessDeps> = {}) {
  return new StepAccess({
    states: {
      of: async (agent, steps) => {
        if (agent !== 'writer') throw new MurmurError('PERMISSION_DENIED', 'of another type')
        return steps.map(({ taskId }) => stored[taskId])
      },
    },
    store: { readTasks: async (_partition, ids) => ids.map((id) => stored[id]) },
    partitions: 4,
    nowMs: () => 5000,
    ...deps,
  })
}

t.test(
  'only the attempt that is out may use objects, and what it stores lies in the folder of its step',
  async (t) => {
    const access = accessTo({ t1: task() })
    t.strictSame(await access.of('writer', STEP), { tenant: 'acme', taskId: 't1', folder: 'tasks/t1/only' })
    for (const [step, stored] of [
      [{ ...STEP, attempt: 1 }, task()],
      [{ ...STEP, attempt: 3 }, task()],
      [{ ...STEP, stepId: 'other' }, task()],
      [{ ...STEP, taskId: 't2' }, task()],
      [STEP, task({ status: 'completed' })],
      [STEP, task({ deadlineAtMs: 4999 })],
      [STEP, task({ steps: { only: { status: 'completed', attempt: 2 } } as unknown as TaskState['steps'] })],
    ] as const)
      await t.rejects(
        accessTo({ t1: stored }).of('writer', step),
        { code: 'PERMISSION_DENIED' },
        JSON.stringify(step),
      )
    await t.rejects(access.of('thief', STEP), { code: 'PERMISSION_DENIED' })
  },
)

t.test('where attempts have tokens, only who was handed one', async (t) => {
  const access = accessTo({ t1: task() }, { tokens })
  const token = tokens.of({ ...STEP, agent: 'writer' })
  t.match(await access.of('writer', { ...STEP, token }), { folder: 'tasks/t1/only' })
  for (const wrong of [
    undefined,
    'x',
    tokens.of({ ...STEP, agent: 'thief' }),
    tokens.of({ ...STEP, attempt: 1, agent: 'writer' }),
  ])
    await t.rejects(access.of('writer', { ...STEP, ...(wrong !== undefined && { token: wrong }) }), {
      code: 'PERMISSION_DENIED',
    })
  const old = accessTo({ t1: task({ createdAtMs: 999 }) }, { tokens })
  t.match(await old.of('writer', STEP), { tenant: 'acme' }, 'tasks from before have none')
  const next = { ...STEP, attempt: 3 }
  const ahead = { ...next, token: tokens.of({ ...next, agent: 'writer' }) }
  t.match(
    await access.of('writer', ahead),
    { tenant: 'acme' },
    'one that the store does not know yet was handed out all the same',
  )
})

t.test('read is what is of the task, of a task of its tenant, or an upload of its tenant', async (t) => {
  const stored = { t1: task(), t2: task({ id: 't2' }), t3: task({ id: 't3', tenant: 'other' }) }
  const access = accessTo(stored)
  const own = await access.of('writer', STEP)
  for (const key of ['tasks/t1/x/1', 'tasks/t2/x/1', 'monitors/t2/1', 'tenants/acme/uploads/1'])
    t.equal(await access.mayRead(own, key, undefined), true, key)
  for (const key of [
    'tasks/t3/x/1',
    'monitors/t3/1',
    'tasks/t4/x/1',
    'tenants/other/uploads/1',
    'tenants/acme',
    'uploads/1',
    'tasks',
    'x/t1/1',
    '',
  ])
    t.equal(await access.mayRead(own, key, undefined), false, key)
  t.equal(await access.mayRead(own, 'tasks/t4/x/1', 'acme'), true, 'its owner is known, and its task no more')
  t.equal(await access.mayRead(own, 'tasks/t1/x/1', 'other'), false)
  const away = accessTo(stored, { store: { readTasks: () => Promise.reject(new Error('away')) } })
  await t.rejects(away.mayRead(own, 'tasks/t2/x', undefined), { code: 'UNAVAILABLE' })
})

t.test('pictures of a monitor are kept by alerting alone, for its tenant', async (t) => {
  const access = accessTo({ t1: task() })
  t.strictSame(await access.of('alerting', { monitor: 't1' }), {
    tenant: 'acme',
    taskId: 't1',
    folder: 'monitors/t1',
  })
  await t.rejects(access.of('writer', { monitor: 't1' }), { code: 'PERMISSION_DENIED' })
  await t.rejects(access.of('alerting', { monitor: 't9' }), { code: 'PERMISSION_DENIED' })
})
