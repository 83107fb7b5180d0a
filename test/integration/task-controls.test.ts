import t from 'tap'
import type { Plan } from '../../schemas/plan.ts'
import type { TaskState } from '../../schemas/task.ts'
import type {
  ChangeTasksResponse,
  ListApprovalsResponse,
  RetryTaskResponse,
} from '../../schemas/task-controls.ts'
import { SERVICES, TENANT_SERVICES } from '../../subjects/operations.ts'
import { startAgents } from '../support/agent-process.ts'
import { openBus } from '../support/bus.ts'
import { planAgents, type Seen } from '../support/plan-agents.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts', {
  MURMUR_PARTITIONS: '4',
  MURMUR_LOG_LEVEL: 'silent',
})
const bus = await openBus(t, servers.natsUrl)
const seen: Seen = { undone: [], runs: new Map() }
let release = () => {}
let held = Promise.resolve()
const hold = () => {
  held = new Promise((resolve) => {
    release = resolve
  })
}
await startAgents(
  t,
  servers.natsUrl,
  planAgents(seen, () => held),
  { instance: 'controls' },
)

const ask = <Answer = unknown>(service: string, body: object, tenant = 'default') =>
  bus.request(TENANT_SERVICES.of(tenant, service), body, { timeoutMs: 10_000 }) as Promise<Answer>
let submitted = 0
const submit = async (plan: Plan, about: object = {}, tenant?: string): Promise<string> => {
  const request = { type: 'plan', idempotencyKey: `c${submitted++}`, plan, ...about }
  return (await ask<{ taskId: string }>(SERVICES.submitTask, request, tenant)).taskId
}
const get = async (taskId: string) => (await ask<{ task: TaskState }>(SERVICES.getTask, { taskId })).task
const waitFor = (taskId: string, stepId: string, status: string) =>
  until(`${stepId} is ${status}`, async () => (await get(taskId)).steps[stepId]?.status === status)
const statusOf = (taskId: string, status: string) =>
  until(`the task is ${status}`, async () => (await get(taskId)).status === status)
const inbox = (about: object = {}, tenant?: string) =>
  ask<ListApprovalsResponse>(SERVICES.listApprovals, about, tenant)

t.test('a signal: kept until somebody waits, delivered once, the same id twice is the same', async (t) => {
  const plan: Plan = {
    steps: [
      { id: 'first', waitFor: { signal: 'go' } },
      { id: 'second', needs: ['first'], waitFor: { signal: 'go' } },
      {
        id: 'out',
        agent: 'double',
        needs: ['second'],
        input: { n: { $from: 'steps.second.output.payload' } },
      },
    ],
  }
  const taskId = await submit(plan, { delayMs: 300 })
  const signal = (about: object) => ask(SERVICES.signalTask, { taskId, name: 'go', ...about })
  t.match(await signal({ id: 'one', payload: 1 }), { taskId, accepted: true, id: 'one' })
  await signal({ id: 'one', payload: 1 })
  await waitFor(taskId, 'second', 'awaiting-signal')
  t.match((await get(taskId)).steps.first!.output, { id: 'one', payload: 1 })
  await signal({ id: 'one', payload: 9 })
  await signal({ id: 'two', payload: 21 })
  const task = await endOfTask(bus, taskId)
  t.match(task, { status: 'completed', output: { out: { n: 42 } } })
  t.match(await signal({ id: 'two', payload: 21 }), { accepted: true }, 'it was taken: so it is said again')
  await t.rejects(signal({ id: 'late' }), { code: 'TASK_ALREADY_FINISHED' })
  await t.rejects(signal({ id: 'big', payload: 'x'.repeat(17_000) }), { code: 'LIMIT_EXCEEDED' })
  await t.rejects(ask(SERVICES.signalTask, { taskId: 'tnone', name: 'go' }), { code: 'TASK_NOT_FOUND' })
})

t.test(
  'an approval: in the inbox with its subject, refused with issues, approved changed, once',
  async (t) => {
    const plan: Plan = {
      steps: [
        { id: 'sum', agent: 'double', input: { n: 2100 } },
        {
          id: 'release',
          needs: ['sum'],
          approval: {
            title: 'Pay it?',
            subject: { amount: { $from: 'steps.sum.output.n' } },
            editable: true,
            assignees: ['finance'],
            form: [{ name: 'account', type: 'choice', choices: ['a', 'b'], required: true }],
          },
        },
        {
          id: 'pay',
          agent: 'double',
          needs: ['release'],
          input: { n: { $from: 'steps.release.output.subject.amount' } },
        },
      ],
    }
    const taskId = await submit(plan)
    await waitFor(taskId, 'release', 'awaiting-approval')
    const { approvals } = await inbox({ assignee: 'finance' })
    t.match(approvals, [
      {
        taskId,
        stepId: 'release',
        attempt: 1,
        assignees: ['finance'],
        subject: { amount: 4200 },
        approval: { title: 'Pay it?' },
      },
    ])
    t.equal(approvals.length, 1)
    t.strictSame((await inbox({ assignee: 'legal' })).approvals, [], 'for others there is none')
    t.strictSame((await inbox({ taskId: 'tother' })).approvals, [])
    t.strictSame((await inbox({}, 'other')).approvals, [], 'another tenant has none')
    const answer = (about: object, tenant?: string) =>
      ask(
        SERVICES.answerApproval,
        { taskId, stepId: 'release', decision: 'approved', by: 'anna', ...about },
        tenant,
      )
    await t.rejects(answer({ values: { account: 'z', odd: 1 } }), {
      code: 'INVALID_REQUEST',
      issues: [{ path: 'values.account' }, { path: 'values.odd' }],
    })
    await t.rejects(answer({}), { code: 'INVALID_REQUEST', issues: [{ path: 'values.account' }] })
    await t.rejects(answer({ attempt: 2, values: { account: 'a' } }), { code: 'APPROVAL_NOT_OPEN' })
    await t.rejects(answer({ stepId: 'sum' }), { code: 'APPROVAL_NOT_OPEN' })
    await t.rejects(answer({ values: { account: 'a' } }, 'other'), { code: 'TASK_NOT_FOUND' })
    t.match(await answer({ values: { account: 'a' }, subject: { amount: 4000 }, comment: 'less' }), {
      accepted: true,
    })
    t.match(
      await answer({ values: { account: 'a' }, subject: { amount: 4000 }, comment: 'less' }),
      { accepted: true },
      'the same again, as if the reply was lost',
    )
    await t.rejects(answer({ values: { account: 'b' } }), { code: /APPROVAL_NOT_OPEN|TASK_ALREADY_FINISHED/ })
    const task = await endOfTask(bus, taskId)
    t.match(task, { status: 'completed', output: { pay: { n: 8000 } } })
    t.match(task.steps.release!.output, {
      decision: 'approved',
      by: 'anna',
      values: { account: 'a' },
      subject: { amount: 4000 },
      comment: 'less',
    })
    t.strictSame((await inbox()).approvals, [], 'what is decided is in no inbox')
    const again = { values: { account: 'a' }, subject: { amount: 4000 }, comment: 'less' }
    t.match(await answer(again), { accepted: true }, 'also when its task is over')
    await t.rejects(answer({ ...again, by: 'berta' }), { code: 'TASK_ALREADY_FINISHED' })
  },
)

t.test('an approval that is rejected, and two answers at the same time', async (t) => {
  const plan: Plan = { steps: [{ id: 'ask', approval: { title: 'Really?' } }] }
  const [rejected, raced] = await Promise.all([submit(plan), submit(plan)])
  await Promise.all([
    waitFor(rejected, 'ask', 'awaiting-approval'),
    waitFor(raced, 'ask', 'awaiting-approval'),
  ])
  const answer = (taskId: string, decision: string) =>
    ask(SERVICES.answerApproval, { taskId, stepId: 'ask', decision, comment: 'because' })
  await answer(rejected, 'rejected')
  t.match(await endOfTask(bus, rejected), {
    status: 'failed',
    error: { code: 'APPROVAL_REJECTED', stepId: 'ask', message: /because/ },
  })
  t.match(await answer(rejected, 'rejected'), { accepted: true }, 'rejected already, by the same')
  const both = await Promise.allSettled([answer(raced, 'approved'), answer(raced, 'rejected')])
  t.equal(both.filter(({ status }) => status === 'fulfilled').length, 1)
  const refused = both.find((one) => one.status === 'rejected')
  t.match(refused?.reason, { code: /APPROVAL_NOT_OPEN|TASK_ALREADY_FINISHED/ })
  t.match(await endOfTask(bus, raced), { status: both[0]!.status === 'fulfilled' ? 'completed' : 'failed' })
})

t.test('pages of an inbox: every question once', async (t) => {
  const steps = ['a', 'b', 'c'].map((id) => ({ id, approval: { title: id } }))
  const taskIds = await Promise.all([1, 2, 3].map(() => submit({ steps })))
  await Promise.all(taskIds.map((taskId) => waitFor(taskId, 'c', 'awaiting-approval')))
  const found: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page: ListApprovalsResponse = await inbox({ limit: 2, ...(cursor && { cursor }) })
    found.push(...page.approvals.map(({ taskId, stepId }) => `${taskId} ${stepId}`))
    cursor = page.nextCursor
    if (cursor === undefined) break
  }
  const expected = taskIds.flatMap((taskId) => ['a', 'b', 'c'].map((id) => `${taskId} ${id}`))
  t.strictSame(found.toSorted(), expected.toSorted())
  t.equal((await inbox({ taskId: taskIds[0] })).approvals.length, 3)
  await t.rejects(inbox({ cursor: 'odd' }), { code: 'INVALID_REQUEST' })
  await Promise.all(taskIds.map((taskId) => ask(SERVICES.cancelTask, { taskId })))
})

t.test('pause: what runs ends, nothing new begins, the deadline stands still', async (t) => {
  hold()
  const plan: Plan = {
    steps: [
      { id: 'one', agent: 'wait', input: { n: 501 } },
      { id: 'two', agent: 'wait', needs: ['one'], input: { n: 502 } },
    ],
  }
  const taskId = await submit(plan)
  await until('the first runs', () => seen.runs.has('wait 501'))
  await t.rejects(ask(SERVICES.resumeTask, { taskId }), { code: 'TASK_STATE_CONFLICT' })
  const { deadlineAtMs } = await get(taskId)
  await ask(SERVICES.pauseTask, { taskId, reason: 'maintenance' })
  await statusOf(taskId, 'paused')
  t.equal((await get(taskId)).pauseReason, 'maintenance')
  await t.rejects(ask(SERVICES.pauseTask, { taskId }), { code: 'TASK_STATE_CONFLICT' })
  await t.rejects(ask(SERVICES.pauseTask, { taskId }, 'other'), { code: 'TASK_NOT_FOUND' })
  release()
  await waitFor(taskId, 'one', 'completed')
  const paused = await get(taskId)
  t.equal(paused.steps.two!.status, 'waiting')
  t.notOk(seen.runs.has('wait 502'))
  await ask(SERVICES.resumeTask, { taskId })
  const task = await endOfTask(bus, taskId)
  t.equal(task.status, 'completed')
  t.ok(task.deadlineAtMs > deadlineAtMs, 'the deadline has moved')
  await t.rejects(ask(SERVICES.pauseTask, { taskId }), { code: 'TASK_ALREADY_FINISHED' })
})

t.test('retry: from what failed, with results kept; from any step; once for each request', async (t) => {
  seen.runs.clear()
  const plan: Plan = {
    steps: [
      { id: 'kept', agent: 'double', input: { n: 1, index: 700 } },
      {
        ...{ id: 'bad', agent: 'double', needs: ['kept'] },
        input: { n: { $from: 'input.n' }, index: 701 },
      },
      {
        id: 'after',
        agent: 'double',
        needs: ['bad', 'kept'],
        input: { n: { $from: 'steps.bad.output.n' }, index: 702 },
      },
    ],
  }
  const taskId = await submit(plan, { input: { n: -1 }, labels: { team: 'x' } })
  t.equal((await endOfTask(bus, taskId)).status, 'failed')
  const retry = (about: object, tenant?: string) =>
    ask<RetryTaskResponse>(SERVICES.retryTask, { taskId, ...about }, tenant)
  const mended = { requestId: 'mended', input: { n: 3 } }
  const first = await retry(mended)
  t.match(first, { duplicate: false, retryOf: taskId, kept: ['kept'] })
  t.match(await retry(mended), { taskId: first.taskId, duplicate: true })
  await t.rejects(retry({ requestId: 'mended', input: { n: 4 } }), { code: 'IDEMPOTENCY_CONFLICT' })
  await t.rejects(retry({ ...mended, fromSteps: ['kept'] }), { code: 'IDEMPOTENCY_CONFLICT' })
  const task = await endOfTask(bus, first.taskId)
  t.match(task, {
    status: 'completed',
    output: { after: { n: 12 } },
    retryOf: taskId,
    type: 'plan',
    labels: { team: 'x' },
  })
  t.match(task.steps.kept, { status: 'completed', attempt: 0, output: { n: 2 } })
  t.equal(seen.runs.get('double 700'), 1, 'what is kept does not run again')
  t.equal(seen.runs.get('double 702'), 1)
  t.equal((await get(taskId)).status, 'failed', 'what has ended stays as it is')
  const again = await ask<RetryTaskResponse>(SERVICES.retryTask, {
    taskId: first.taskId,
    requestId: 'again',
    fromSteps: ['after'],
  })
  t.strictSame(again.kept, ['kept', 'bad'])
  t.equal((await endOfTask(bus, again.taskId)).status, 'completed')
  t.equal(seen.runs.get('double 701'), 2)
  t.equal(seen.runs.get('double 702'), 2)
  await t.rejects(retry({ requestId: 'odd', fromSteps: ['nothing'] }), {
    code: 'INVALID_REQUEST',
    issues: [{ path: 'fromSteps' }],
  })
  await t.rejects(retry({ requestId: 'r' }, 'other'), { code: 'TASK_NOT_FOUND' })
  const open = await submit({ steps: [{ id: 'w', waitFor: { signal: 'x' } }] })
  await t.rejects(ask(SERVICES.retryTask, { taskId: open, requestId: 'r' }), { code: 'TASK_NOT_FINISHED' })
  await ask(SERVICES.cancelTask, { taskId: open })
})

t.test('many at once: a dry run, a result for each, and nobody else’s', async (t) => {
  const plan: Plan = { steps: [{ id: 'w', waitFor: { signal: 'x' } }] }
  const labels = { batch: 'one' }
  const mine = await Promise.all([1, 2, 3, 4, 5].map(() => submit(plan, { labels })))
  const theirs = await submit(plan, { labels }, 'other')
  await Promise.all(mine.map((taskId) => waitFor(taskId, 'w', 'awaiting-signal')))
  const change = (about: object) => ask<ChangeTasksResponse>(SERVICES.changeTasks, about)
  const byId = ({ results }: ChangeTasksResponse) =>
    results.toSorted((a, b) => (a.taskId < b.taskId ? -1 : 1))
  const expected = (outcome: string) => mine.toSorted().map((taskId) => ({ taskId, outcome }))
  t.match(byId(await change({ action: 'pause', filter: { labels }, dryRun: true })), expected('planned'))
  t.equal((await get(mine[0]!)).status, 'running', 'a dry run changes nothing')
  t.match(byId(await change({ action: 'pause', filter: { labels } })), expected('done'))
  await Promise.all(mine.map((taskId) => statusOf(taskId, 'paused')))
  const some = await change({ action: 'resume', taskIds: [mine[0]!, 'tnone', theirs] })
  t.match(some.results, [
    { taskId: mine[0], outcome: 'done', type: 'plan' },
    { taskId: 'tnone', outcome: 'failed', problem: { code: 'TASK_NOT_FOUND' } },
    { taskId: theirs, outcome: 'failed', problem: { code: 'TASK_NOT_FOUND' } },
  ])
  await statusOf(mine[0]!, 'running')
  const cancelled: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await change({ action: 'cancel', filter: { labels }, limit: 2, ...(cursor && { cursor }) })
    cancelled.push(...page.results.map(({ taskId }) => taskId))
    cursor = page.nextCursor
    if (cursor === undefined) break
  }
  t.strictSame(cancelled.toSorted(), mine.toSorted())
  for (const task of await Promise.all(mine.map((taskId) => endOfTask(bus, taskId))))
    t.equal(task.status, 'cancelled')
  const retried = await change({ action: 'retry', filter: { labels, status: 'cancelled' }, requestId: 'all' })
  t.equal(new Set(retried.results.map(({ newTaskId }) => newTaskId)).size, 5)
  const twice = await change({ action: 'retry', taskIds: [mine[0]!], requestId: 'all' })
  const before = retried.results.find(({ taskId }) => taskId === mine[0])
  t.equal(twice.results[0]!.newTaskId, before?.newTaskId, 'the same request gives the same new task')
  await change({ action: 'cancel', filter: { labels } })
  await t.rejects(change({ action: 'cancel', filter: {} }), { code: 'INVALID_REQUEST' })
  await t.rejects(change({ action: 'retry', taskIds: mine }), { code: 'INVALID_REQUEST' })
})
