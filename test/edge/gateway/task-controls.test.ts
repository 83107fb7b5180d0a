import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { HeldCalls } from '#platform/nats/held-calls.ts'
import type { Caller } from '../../../services/edge/access/access.ts'
import { doneBefore, TaskControlGateway } from '../../../services/edge/gateway/task-controls.ts'
import { taskState } from '../../support/task-states.ts'

const caller: Caller = { tenant: 'acme', subject: 'key:k1', scopes: new Set() }

function gateway() {
  const calls: { operation: string; request: unknown; options: { tenant?: string; timeoutMs?: number } }[] =
    []
  const call = async (operation: string, request: unknown, options: object) => {
    calls.push({ operation, request, options })
    return {}
  }
  return {
    controls: new TaskControlGateway({ call } as unknown as HeldCalls, async () => taskState('t')),
    calls,
  }
}

t.test('each goes to its service, for the tenant of the caller', async (t) => {
  const { controls, calls } = gateway()
  const task = { taskId: 't' }
  await controls.pause(caller, { ...task, reason: 'r' })
  await controls.resume(caller, task)
  await controls.signal(caller, { ...task, name: 'go', payload: null })
  await controls.approvals(caller, { assignee: 'a' })
  await controls.retry(caller, { ...task, requestId: 'r' })
  await controls.changeMany(caller, { action: 'pause', taskIds: ['t'] })
  t.match(calls, [
    { operation: 'pauseTask', request: { taskId: 't', reason: 'r' } },
    { operation: 'resumeTask' },
    { operation: 'signalTask', request: { name: 'go', payload: null } },
    { operation: 'listApprovals', request: { assignee: 'a', limit: 50 } },
    { operation: 'retryTask', request: { requestId: 'r' } },
    { operation: 'changeTasks', request: { action: 'pause', limit: 200, dryRun: false } },
  ])
  for (const { options } of calls) t.equal(options.tenant, 'acme')
})

t.test('who decides is whose credential it is, whatever was said', async (t) => {
  const { controls, calls } = gateway()
  const answer = { taskId: 't', stepId: 'a', decision: 'approved' }
  await controls.answer(caller, { ...answer, by: 'somebody else' })
  await controls.answer({ ...caller, subject: `jwt:${'x'.repeat(300)}` }, answer)
  t.match(calls, [{ request: { by: 'key:k1', attempt: 1 } }, { request: { by: /^jwt:x{196}$/ } }])
})

t.test('what is wrong is refused before anything is sent', async (t) => {
  const { controls, calls } = gateway()
  const wrong: [name: keyof TaskControlGateway, request: object][] = [
    ['pause', { taskId: 'a.b' }],
    ['resume', { taskId: 't', reason: 'x' }],
    ['signal', { taskId: 't', name: 'a b' }],
    ['approvals', { limit: 0 }],
    ['answer', { taskId: 't', stepId: 'a', decision: 'maybe' }],
    ['retry', { taskId: 't' }],
    ['changeMany', { action: 'cancel', filter: {} }],
  ]
  for (const [name, request] of wrong)
    await t.rejects(async () => controls[name](caller, request), { code: 'INVALID_REQUEST' }, name)
  t.strictSame(calls, [])
})

t.test('asked twice, a change that is done is no refusal', async (t) => {
  const finished = new MurmurError('TASK_ALREADY_FINISHED', 'it is over')
  const conflict = new MurmurError('TASK_STATE_CONFLICT', 'not now')
  const after = (
    control: Parameters<typeof doneBefore>[1],
    status: 'cancelled' | 'completed' | 'paused' | 'running',
  ) => doneBefore(async () => taskState('t', { status }), control)
  const done = { taskId: 't', accepted: true }
  t.strictSame(await after('cancelTask', 'cancelled')(finished), done)
  await t.rejects(after('cancelTask', 'completed')(finished), finished)
  t.strictSame(await after('pauseTask', 'paused')(conflict), done)
  await t.rejects(after('pauseTask', 'running')(conflict), conflict)
  t.strictSame(await after('resumeTask', 'running')(conflict), done)
  await t.rejects(after('resumeTask', 'completed')(finished), finished)
  const other = new MurmurError('TASK_NOT_FOUND', 'there is no task')
  await t.rejects(after('pauseTask', 'paused')(other), other)
})
