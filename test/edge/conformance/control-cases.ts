import type { JsonObject } from '#schemas/json.ts'
import { until } from '../../support/until.ts'
import { type ConformanceCase, ended, plan, step, submitted } from './cases.ts'
import type { Answer, Transport } from './transport.ts'

/** A client of NATS says who decides; of an edge it is known, and what is said does not count. */
const by = ({ name }: Transport): JsonObject =>
  name === 'gRPC' ? {} : { by: name === 'NATS' ? 'anonymous' : 'mallory' }

const WAITS = plan({}, [{ id: 'w', waitFor: { signal: 'go' } }])
const ASKS = plan({ labels: { a: 'b' } }, [
  step(),
  {
    id: 'q',
    needs: ['a'],
    approval: {
      title: 'Well?',
      description: 'more',
      subject: { was: { $from: 'steps.a.output.payload' } },
      editable: true,
      form: [
        { name: 'why', type: 'string', label: 'Why', required: true },
        { name: 'kind', type: 'choice', choices: ['x', 'y'] },
      ],
      assignees: ['finance'],
      escalation: [{ afterMs: 3_600_000, assignees: ['board'] }],
      timeoutMs: 7_200_000,
      onTimeout: 'reject',
    },
  },
])
/** All that a step can be, later. */
const ALL_KINDS = plan({ delayMs: 3_600_000 }, [
  step({ retry: { maxAttempts: 3, byCode: { BUSY: { maxAttempts: 9, factor: 1.5 } } } }),
  step({
    id: 'b',
    needs: ['a'],
    when: 'steps.a.output.payload == "x"',
    fallback: { agent: 'noop-b', input: { payload: 'f' } },
  }),
  step({
    id: 'c',
    needs: ['a'],
    forEach: { items: [1, null, 'x'], concurrency: 2, onItemFailure: 'continue' },
    input: { payload: { $from: 'item' } },
  }),
  step({
    id: 'd',
    needs: ['a'],
    repeat: { until: 'iteration >= 2', maxIterations: 3, delayMs: 5 },
    compensate: { agent: 'noop-c', input: { payload: 'u' } },
  }),
  {
    id: 'e',
    task: { type: 'plan', plan: { steps: [step(), { id: 'z', sleep: { ms: 5 } }] }, deadlineMs: 60_000 },
  },
  { id: 'f', sleep: { ms: 1000 } },
  { id: 'g', sleep: { until: '2031-01-01T00:00:00Z' } },
  { id: 'h', waitFor: { signal: 'go', timeoutMs: 5000, onTimeout: 'continue' } },
  { id: 'i', approval: { title: 'Well?', assignees: ['x'] } },
])

async function waiting(
  transport: Transport,
  submission: JsonObject,
  stepId: string,
  status: string,
): Promise<string> {
  const id = await submitted(transport, submission)
  await until(`${stepId} is ${status}`, async () => {
    const answer = await transport.ask('getTask', { id })
    return answer.ok && stepsOf(answer)[stepId]?.status === status
  })
  return id
}

async function reached(transport: Transport, id: string, status: string): Promise<void> {
  await until(`it is ${status}`, async () => {
    const answer = await transport.ask('getTask', { id })
    return answer.ok && (answer.body.task as JsonObject).status === status
  })
}

function stepsOf(answer: Extract<Answer, { ok: true }>): Record<string, JsonObject> {
  return (answer.body.task as JsonObject).steps as Record<string, JsonObject>
}

export const CONTROL_CASES: readonly ConformanceCase[] = [
  {
    name: 'controls: a plan with every kind of step, as it was sent',
    async run(transport) {
      const id = await submitted(transport, ALL_KINDS)
      const check = JSON.stringify(await transport.ask('checkPlan', ALL_KINDS))
      // It warns of a sleep beyond the task's end, which is another one each time.
      return [
        await transport.ask('getTask', { id }),
        JSON.parse(check.replace(/ends at [^"]*Z/g, 'ends at a time')),
      ]
    },
  },
  {
    name: 'controls: a signal, again under its id, and one to nobody',
    async run(transport) {
      const id = await waiting(
        transport,
        plan({}, [
          { id: 'w', waitFor: { signal: 'go' } },
          { id: 'v', waitFor: { signal: 'on' } },
        ]),
        'w',
        'awaiting-signal',
      )
      const send = (about: JsonObject) =>
        transport.ask('signalTask', { id, signalId: 'one', name: 'go', ...about })
      const answers = [
        await send({ signalId: 'kept', name: 'later', payload: [null, 1.5, { a: '€' }] }),
        await send({ payload: { n: 1 } }),
        await send({ payload: { n: 2 } }),
        await send({ name: 'not a name' }),
        await send({ payload: 'x'.repeat(17_000), signalId: 'big' }),
      ]
      await until('it has come', async () => {
        const answer = await transport.ask('getTask', { id })
        return answer.ok && stepsOf(answer).w!.status === 'completed'
      })
      const task = await transport.ask('getTask', { id })
      await send({ name: 'on', signalId: 'two' })
      await transport.watch(id)
      return [
        answers,
        task,
        await send({ signalId: 'late' }),
        await transport.ask('signalTask', { id: 'tnone', name: 'go', signalId: 'x' }),
      ]
    },
  },
  {
    name: 'controls: paused and resumed; where that has no meaning',
    async run(transport) {
      const id = await waiting(transport, WAITS, 'w', 'awaiting-signal')
      const answers = [
        await transport.ask('resumeTask', { id }),
        await transport.ask('pauseTask', { id, reason: 'lunch' }),
      ]
      await reached(transport, id, 'paused')
      answers.push(await transport.ask('getTask', { id }), await transport.ask('pauseTask', { id }))
      answers.push(await transport.ask('resumeTask', { id }))
      await reached(transport, id, 'running')
      answers.push(
        await transport.ask('pauseTask', { id: 'tnone' }),
        await transport.ask('pauseTask', { id, reason: 'x'.repeat(1001) }),
      )
      await transport.ask('cancelTask', { id })
      await transport.watch(id)
      return [...answers, await transport.ask('pauseTask', { id }), await transport.ask('resumeTask', { id })]
    },
  },
  {
    name: 'controls: an approval that is listed, refused, changed and approved',
    async run(transport) {
      const id = await waiting(transport, ASKS, 'q', 'awaiting-approval')
      const answer = (about: JsonObject) =>
        transport.ask('answerApproval', { id, stepId: 'q', decision: 'approved', ...by(transport), ...about })
      const handOn = (about: JsonObject) =>
        transport.ask('handOnApproval', { id, stepId: 'q', ...by(transport), ...about })
      const handOnListed = async () => {
        const request = { taskId: id, assignee: 'board' }
        await until('it is handed on', async () => {
          const found = await transport.ask('listApprovals', request)
          return found.ok && (found.body.approvals as JsonObject[]).length === 1
        })
        return transport.ask('listApprovals', request)
      }
      const answers = [
        await transport.ask('listApprovals', { taskId: id, assignee: 'finance', limit: 5 }),
        await transport.ask('listApprovals', { taskId: id, assignee: 'others' }),
        await transport.ask('listApprovals', { cursor: 'odd' }),
        await transport.ask('listApprovals', { limit: 0 }),
        await transport.ask('getTask', { id }),
        await handOn({ to: [] }),
        await handOn({ to: ['board'], attempt: 2 }),
        await handOn({ to: ['board'], stepId: 'a' }),
        await handOn({ to: ['board'], reason: 'more than I may decide' }),
        await handOnListed(),
        await answer({ values: { kind: 'z' } }),
        await answer({ decision: 'maybe' }),
        await answer({ stepId: 'a' }),
        await answer({ attempt: 2, values: { why: 'so' } }),
        await answer({ values: { why: 'so', kind: 'x' }, subject: { was: 'changed' }, comment: 'fine' }),
      ]
      await transport.watch(id)
      return [
        ...answers,
        await transport.ask('getTask', { id }),
        await answer({}),
        await transport.ask('listApprovals', { taskId: id }),
      ]
    },
  },
  {
    name: 'controls: retried from what failed, and from a step, with another input or plan',
    async run(transport) {
      const steps = [
        step(),
        step({ id: 'b', needs: ['a'], input: { payload: { $from: 'input.n' } }, retry: { maxAttempts: 1 } }),
      ]
      const id = await ended(transport, plan({ input: { n: 1 }, labels: { a: 'b' } }, steps))
      const retry = (about: JsonObject) => transport.ask('retryTask', { id, requestId: 'one', ...about })
      const answers = [
        await retry({ input: { n: 'x' } }),
        await retry({ input: { n: 'x' } }),
        await retry({ input: { n: 'y' } }),
      ]
      const newId = answers[0]!.ok ? String(answers[0]!.body.taskId) : ''
      await transport.watch(newId)
      return [
        ...answers,
        await transport.ask('getTask', { id: newId }),
        await transport.ask('retryTask', { id: newId, requestId: 'two', fromSteps: ['b'] }),
        await retry({ requestId: 'three', plan: { steps: [step(), step({ id: 'c', needs: ['a'] })] } }),
        await retry({ requestId: 'four', fromSteps: ['zz'] }),
        await retry({ requestId: '' }),
        await transport.ask('retryTask', {
          id: await waiting(transport, WAITS, 'w', 'awaiting-signal'),
          requestId: 'r',
        }),
      ]
    },
  },
  {
    name: 'controls: many at once, tried first',
    async run(transport) {
      const labels = { run: `many ${transport.name}` }
      for (let i = 0; i < 3; i++) await waiting(transport, { ...WAITS, labels }, 'w', 'awaiting-signal')
      const change = (about: JsonObject) => transport.ask('changeTasks', { filter: { labels }, ...about })
      const answers = [
        await change({ action: 'pause', dryRun: true }),
        await change({ action: 'pause', reason: 'lunch' }),
      ]
      await until('all are paused', async () => {
        const list = await transport.ask('listTasks', { labels, status: 'paused' })
        return list.ok && (list.body.tasks as JsonObject[]).length === 3
      })
      return [
        ...answers,
        await transport.ask('changeTasks', { action: 'resume', taskIds: ['tnone'] }),
        await change({
          action: 'cancel',
          filter: { labels, status: 'paused', type: 'plan', createdFromMs: 1 },
          limit: 2,
        }),
        await change({ action: 'cancel', filter: { text: `RUN:many ${transport.name}` }, dryRun: true }),
        await change({ action: 'cancel', filter: { text: ' ' } }),
        await change({ action: 'cancel', filter: {} }),
        await change({ action: 'retry' }),
        await change({ action: 'explode' }),
        await transport.ask('changeTasks', { action: 'cancel' }),
      ]
    },
  },
]
