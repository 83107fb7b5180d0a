import t from 'tap'
import type { Calling } from '#platform/nats/bus.ts'
import type { Caller } from '../../../services/edge/access/access.ts'
import { TaskControlGateway } from '../../../services/edge/gateway/task-controls.ts'

const caller: Caller = { tenant: 'acme', subject: 'key:k1', scopes: new Set() }

function gateway() {
  const calls: { operation: string; request: unknown; options: { tenant?: string; timeoutMs?: number } }[] =
    []
  const call = async (operation: string, request: unknown, options: object) => {
    calls.push({ operation, request, options })
    return {}
  }
  return { controls: new TaskControlGateway({ call } as unknown as Calling), calls }
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
