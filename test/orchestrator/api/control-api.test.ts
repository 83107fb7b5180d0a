import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import type { Submission } from '#schemas/submission.ts'
import type { TaskState } from '#schemas/task.ts'
import { partitionOf } from '#subjects/subjects.ts'
import { ControlApi, type ControlApiDeps } from '../../../services/orchestrator/api/control-api.ts'
import type { PartitionStore } from '../../../services/orchestrator/partition/partition-store.ts'
import { taskState } from '../../support/task-states.ts'
import { servedOperations } from './served-operations.ts'

/** An orchestrator that takes wishes for these tasks, all of them folded. `duplicate`: the broker has seen each message before. */
function api(tasks: TaskState[], { duplicate = false, archived = [] as TaskState[] } = {}) {
  const clock = createManualClock()
  const published: { subject: string; body: unknown; msgId: string }[] = []
  const accepted: { tenant: string; submission: Submission; origin: unknown }[] = []
  const { bus, ask, served } = servedOperations({
    streams: { lastLogSeq: async () => 10 },
    publisher: {
      async publish(subject: string, data: string, { msgId }: { msgId: string }) {
        published.push({ subject, body: JSON.parse(data), msgId })
        return { seq: 1, duplicate }
      },
    },
  })
  const store: Pick<PartitionStore, 'position' | 'readTasks' | 'openApprovals'> = {
    position: async () => ({ offset: 10, emitted: 0, level: true, log: undefined }),
    readTasks: async (_, ids) => ids.map((id) => tasks.find((task) => task.id === id)),
    openApprovals: async () => [],
  }
  const accept: ControlApiDeps['accept'] = async (tenant, submission, origin) => {
    accepted.push({ tenant, submission, origin })
    return { taskId: 'tnew', duplicate: false }
  }
  const component = new ControlApi({
    bus,
    store: store as PartitionStore,
    partitions: 4,
    clock,
    accept,
    archive: { findTask: async (id) => archived.find((task) => task.id === id) },
  })
  component.start()
  return { component, ask, served, published, accepted, clock }
}

const task = { taskId: 't' }
const asking = (about: Partial<TaskState['steps'][string]> = {}) =>
  taskState('t', {
    plan: {
      steps: [
        { id: 'a', approval: { title: 'Well?' } },
        { id: 'b', agent: 'x' },
      ],
    },
    steps: {
      a: { status: 'awaiting-approval', attempt: 1, ...about },
      b: { status: 'waiting', attempt: 0 },
    },
  })

t.test('it serves as long as it runs', async (t) => {
  const { component, served } = api([])
  t.strictSame(served(), [
    'answerApproval',
    'cancelTask',
    'changeTasks',
    'handOnApproval',
    'listApprovals',
    'pauseTask',
    'resumeTask',
    'retryTask',
    'signalTask',
  ])
  component.quiesce()
  t.strictSame(served(), [])
})

t.test(
  'a question is handed on: one event, written once for the same, until it is handed on too often',
  async (t) => {
    const order = {
      ...task,
      stepId: 'a',
      attempt: 1,
      to: ['board'],
      keep: false,
      by: 'anna',
      reason: 'not mine',
    }
    const open = api([asking()])
    await open.ask('handOnApproval', order)
    await open.ask('handOnApproval', order)
    await open.ask('handOnApproval', { ...order, to: ['legal'] })
    t.match(open.published[0], {
      subject: `log.${partitionOf('t', 4)}.control`,
      body: {
        v: 2,
        action: 'hand-on',
        stepId: 'a',
        attempt: 1,
        to: ['board'],
        by: 'anna',
        reason: 'not mine',
      },
    })
    t.equal(open.published[0]!.msgId, open.published[1]!.msgId, 'the same')
    t.not(open.published[0]!.msgId, open.published[2]!.msgId, 'another one')
    const entry = { to: ['board'], keep: false, by: 'anna', reason: 'not mine', atMs: 1, escalations: 0 }
    const again = api([asking({ handedOn: [entry] })])
    t.match(await again.ask('handOnApproval', order), { ...task, accepted: true })
    t.strictSame(again.published, [], 'it is already')
    const often = api([asking({ handedOn: Array.from({ length: 20 }, () => ({ ...entry, by: 'bob' })) })])
    await t.rejects(often.ask('handOnApproval', order), { code: 'LIMIT_EXCEEDED' })
    await t.rejects(open.ask('handOnApproval', { ...order, attempt: 2 }), { code: 'APPROVAL_NOT_OPEN' })
    await t.rejects(open.ask('handOnApproval', { ...order, stepId: 'b' }), { code: 'APPROVAL_NOT_OPEN' })
  },
)

t.test('a cancel is an event of the log', async (t) => {
  const { ask, published } = api([taskState('t')])
  t.match(await ask('cancelTask', { ...task, reason: 'not needed' }), { ...task, accepted: true })
  await ask('cancelTask', task)
  t.match(published, [
    {
      subject: `log.${partitionOf('t', 4)}.control`,
      body: { v: 1, taskId: 't', action: 'cancel', reason: 'not needed' },
    },
    { body: { v: 1, taskId: 't', action: 'cancel', reason: undefined } },
  ])
  t.not(published[0]!.msgId, published[1]!.msgId, 'each counts')
})

t.test('what has ended takes nothing; somebody else’s task is not there', async (t) => {
  const { ask, published } = api([taskState('t', { status: 'failed', tenant: 'north' })])
  const wishes: [string, object][] = [
    ['cancelTask', task],
    ['pauseTask', task],
    ['resumeTask', task],
    ['signalTask', { ...task, name: 'x' }],
    ['answerApproval', { ...task, stepId: 'a', attempt: 1, decision: 'approved' }],
    ['handOnApproval', { ...task, stepId: 'a', attempt: 1, to: ['board'] }],
  ]
  for (const [name, wish] of wishes)
    await t.rejects(
      ask(name, wish, 'north'),
      { code: 'TASK_ALREADY_FINISHED', message: 'task "t" is failed already' },
      name,
    )
  const open = api([taskState('t', { tenant: 'north' })])
  // Foreign tasks are known to be none at once; nothing is waited for.
  for (const [name, wish] of [...wishes, ['retryTask', { ...task, requestId: 'r' }] as [string, object]])
    await t.rejects(open.ask(name, wish, 'south'), { code: 'TASK_NOT_FOUND' }, name)
  t.strictSame([...published, ...open.published], [])
})

t.test(
  'pause and resume: only where they mean something; asked twice in one state, written once',
  async (t) => {
    const running = api([taskState('t', { seq: 7 })])
    await running.ask('pauseTask', { ...task, reason: 'lunch' })
    await running.ask('pauseTask', task)
    t.match(running.published[0], { body: { v: 2, action: 'pause', reason: 'lunch' }, msgId: 't:pause:7' })
    t.equal(running.published[1]!.msgId, 't:pause:7')
    await t.rejects(running.ask('resumeTask', task), { code: 'TASK_STATE_CONFLICT' })
    const paused = api([taskState('t', { status: 'paused' })])
    await t.rejects(paused.ask('pauseTask', task), { code: 'TASK_STATE_CONFLICT' })
    await paused.ask('resumeTask', task)
    t.match(paused.published, [{ body: { v: 2, action: 'resume' } }])
    await t.rejects(api([taskState('t', { status: 'compensating' })]).ask('pauseTask', task), {
      code: 'TASK_STATE_CONFLICT',
    })
  },
)

t.test(
  'a signal: its id is that of its message; one that is too big is refused, as is one too many',
  async (t) => {
    const { ask, published } = api([taskState('t')])
    t.match(await ask('signalTask', { ...task, name: 'go', id: 'one', payload: 1 }), { id: 'one' })
    const { id } = (await ask('signalTask', { ...task, name: 'go' })) as { id: string }
    t.match(published, [
      { msgId: 't:signal:one', body: { v: 2, action: 'signal', name: 'go', id: 'one', payload: 1 } },
      { msgId: `t:signal:${id}` },
    ])
    await t.rejects(ask('signalTask', { ...task, name: 'go', payload: 'x'.repeat(16 * 1024) }), {
      code: 'LIMIT_EXCEEDED',
    })
    await t.rejects(
      api([taskState('t', { status: 'compensating' })]).ask('signalTask', { ...task, name: 'go', id: 'c' }),
      { code: 'TASK_STATE_CONFLICT' },
    )
    const signals = Array.from({ length: 1000 }, (_, n) => ({ name: 'go', id: `s${n}`, atMs: 1 }))
    await t.rejects(
      api([taskState('t', { signals })]).ask('signalTask', { ...task, name: 'go', id: 'new' }),
      {
        code: 'LIMIT_EXCEEDED',
        message: /nobody has taken them/,
      },
    )
  },
)

t.test('an answer: to a question that is open, once', async (t) => {
  const answer = { ...task, stepId: 'a', attempt: 1, decision: 'approved' }
  const { ask, published } = api([asking()])
  await ask('answerApproval', { ...answer, by: 'anna' })
  t.match(published, [
    {
      msgId: 't:approval:a:1',
      body: { v: 2, action: 'approval', stepId: 'a', decision: 'approved', by: 'anna' },
    },
  ])
  await ask('answerApproval', answer)
  t.match(published[1], { body: { by: 'unknown' } }, 'nobody said who')
  await t.rejects(ask('answerApproval', { ...answer, attempt: 2 }), { code: 'APPROVAL_NOT_OPEN' })
  await t.rejects(ask('answerApproval', { ...answer, stepId: 'b' }), { code: 'APPROVAL_NOT_OPEN' })
  await t.rejects(ask('answerApproval', { ...answer, stepId: 'zz' }), { code: 'APPROVAL_NOT_OPEN' })
  await t.rejects(ask('answerApproval', { ...answer, subject: 1 }), {
    code: 'INVALID_REQUEST',
    issues: [{ path: 'subject' }],
  })
  await t.rejects(api([asking({ status: 'completed' })]).ask('answerApproval', answer), {
    code: 'APPROVAL_NOT_OPEN',
  })
  const decided = (by: string) =>
    asking({ status: 'completed', output: { decision: 'approved', by, atMs: 5 } })
  for (const [by, refusal] of [
    ['unknown', undefined],
    ['berta', { code: 'APPROVAL_NOT_OPEN', message: /just been decided/ }],
  ] as const) {
    // The broker knows an answer already, which is folded while it is asked which.
    const tasks = [asking()]
    const { ask, clock } = api(tasks, { duplicate: true })
    const again = ask('answerApproval', answer)
    again.catch(() => undefined)
    await clock.whenSleeping()
    tasks[0] = decided(by)
    await clock.advance(20)
    if (refusal) await t.rejects(again, refusal)
    else t.match(await again, { accepted: true }, 'it was this one')
  }
  const stuck = api([asking()], { duplicate: true })
  const unknown = stuck.ask('answerApproval', answer)
  unknown.catch(() => undefined)
  for (let i = 0; i < 50; i++) {
    await stuck.clock.whenSleeping()
    await stuck.clock.advance(20)
  }
  await t.rejects(unknown, { code: 'UNAVAILABLE' }, 'nothing is claimed that is not known')
})

t.test(
  'given again after a lost reply: the same answer and the same signal are taken, whatever came since',
  async (t) => {
    const answer = { ...task, stepId: 'a', attempt: 1, decision: 'approved', by: 'anna' }
    const over = asking({ status: 'completed', output: { decision: 'approved', by: 'anna', atMs: 5 } })
    const signalled = taskState('t', {
      status: 'completed',
      plan: { steps: [{ id: 'w', waitFor: { signal: 'go' } }] },
      steps: { w: { status: 'completed', attempt: 0, output: { id: 'one', payload: 1, atMs: 5 } } },
    })
    for (const state of [over, { ...over, status: 'completed' as const }]) {
      const { ask, published } = api([state])
      t.match(await ask('answerApproval', answer), { ...task, accepted: true })
      await t.rejects(ask('answerApproval', { ...answer, by: 'berta' }), {
        code: /APPROVAL_NOT_OPEN|TASK_ALREADY_FINISHED/,
      })
      t.strictSame(published, [], 'nothing is written twice')
    }
    for (const state of [
      signalled,
      taskState('t', { seenSignals: ['one'] }),
      taskState('t', { status: 'compensating', signals: [{ name: 'go', id: 'one', atMs: 1 }] }),
    ]) {
      const { ask, published } = api([state])
      t.match(await ask('signalTask', { ...task, name: 'go', id: 'one' }), { id: 'one', accepted: true })
      t.strictSame(published, [])
    }
    await t.rejects(api([signalled]).ask('signalTask', { ...task, name: 'go', id: 'two' }), {
      code: 'TASK_ALREADY_FINISHED',
    })
  },
)

t.test('a retry is a new task of what is over, accepted as any', async (t) => {
  const { ask, accepted } = api([taskState('t', { status: 'failed', type: 'report' })])
  t.strictSame(await ask('retryTask', { ...task, requestId: 'r' }), {
    taskId: 'tnew',
    duplicate: false,
    retryOf: 't',
    kept: [],
  })
  t.match(accepted, [
    {
      tenant: 'default',
      submission: { type: 'plan', idempotencyKey: 'retry:t:r' },
      origin: { retryOf: 't', type: 'report', results: {} },
    },
  ])
  await t.rejects(api([taskState('t')]).ask('retryTask', { ...task, requestId: 'r' }), {
    code: 'TASK_NOT_FINISHED',
  })
})

t.test('a task that only the archive has has ended, for whoever it belongs to', async (t) => {
  const ended = taskState('t', { status: 'failed', finishedAtMs: 5 })
  const { ask, published, accepted } = api([], { archived: [ended] })
  for (const name of ['cancelTask', 'pauseTask', 'resumeTask'] as const)
    await t.rejects(ask(name, task), { code: 'TASK_ALREADY_FINISHED', message: /is failed already/ })
  await t.rejects(ask('signalTask', { ...task, name: 'go' }), { code: 'TASK_ALREADY_FINISHED' })
  t.match(await ask('retryTask', task), { taskId: 'tnew', retryOf: 't' })
  t.equal(accepted.length, 1)
  t.strictSame(published, [], 'nothing was written')
})
