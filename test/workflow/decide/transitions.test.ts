import t from 'tap'
import type { Step } from '#schemas/plan.ts'
import type { StepResult } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import { TaskDraft } from '#workflow/decide/transitions.ts'
import { acceptedTask } from '../../support/random-plan.ts'
import { taskState } from '../../support/task-states.ts'

const WHEN = { atMs: 5000, seq: 9 }
const error = { code: 'BROKE', message: 'it broke' }
const step = (about: Partial<Step> = {}): Step => ({ id: 'a', agent: 'x', ...about })
const outState = (about: Partial<TaskState['steps'][string]> = {}, plan = { steps: [step()] }) =>
  taskState('t', { plan, steps: { a: { status: 'dispatched', attempt: 1, dispatchedAtMs: 4000, ...about } } })
const result: StepResult = {
  v: 1,
  taskId: 't',
  stepId: 'a',
  attempt: 1,
  instance: 'x-1',
  startedAtMs: 4100,
  finishedAtMs: 4900,
  outcome: { kind: 'done', output: 7 },
}

t.test('a task that was accepted counts its times from the broker’s, and its steps wait', async (t) => {
  const body = acceptedTask({ plan: { steps: [step()] }, deadlineMs: 1000, delayMs: 300, labels: { a: 'b' } })
  const { state, commands } = TaskDraft.accept(body, WHEN)
  t.match(state, {
    status: 'scheduled',
    rev: 1,
    seq: 9,
    createdAtMs: 5000,
    startAtMs: 5300,
    deadlineAtMs: 6000,
    labels: { a: 'b' },
    steps: { a: { status: 'waiting', attempt: 0 } },
  })
  t.notOk('keepFinishedMs' in state, 'where the event does not say it')
  t.strictSame(commands, [])
  t.equal(TaskDraft.accept({ ...body, delayMs: 0 }, WHEN).state.status, 'running')
})

t.test('a draft is a copy: one more revision, or the same in silence', async (t) => {
  const before = outState()
  const draft = TaskDraft.of(before, WHEN)
  draft.complete('a', 7, {}, result)
  t.match(draft.state, { rev: 2, seq: 9, steps: { a: { status: 'completed', output: 7 } } })
  t.match(before, { rev: 1, seq: 1, steps: { a: { status: 'dispatched' } } })
  t.match(TaskDraft.withoutRevision(before, WHEN).state, { rev: 1, seq: 1 })
})

t.test(
  'the next attempt goes out with its time in the queue, and with what its step has done before',
  async (t) => {
    const plan = { steps: [step({ queueTimeoutMs: 2000 })] }
    const draft = TaskDraft.of(outState({ status: 'backoff', attempt: 2, crashes: 1 }, plan), WHEN)
    draft.dispatch('a')
    t.strictSame(draft.state.steps.a, {
      status: 'dispatched',
      attempt: 3,
      dispatchedAtMs: 5000,
      expiresAtMs: 7000,
      crashes: 1,
    })
    t.strictSame(draft.commands, [{ kind: 'DispatchStep', stepId: 'a', attempt: 3 }])
  },
)

t.test('a run: its start ends the time in the queue, and handing it back begins that anew', async (t) => {
  const about = { v: 1 as const, taskId: 't', stepId: 'a', attempt: 1 }
  const plan = { steps: [step({ timeoutMs: 100, queueTimeoutMs: 1000 })] }
  const draft = TaskDraft.of(outState({ expiresAtMs: 6000 }, plan), WHEN)
  draft.startRun('a', { ...about, instance: 'x-1', bornAtMs: 1, alone: false })
  t.strictSame(draft.state.steps.a, {
    status: 'dispatched',
    attempt: 1,
    dispatchedAtMs: 4000,
    run: { instance: 'x-1', bornAtMs: 1, alone: false, sinceMs: 5000 },
    timeoutAtMs: 8100,
  })
  t.notOk(draft.release('a', { ...about, instance: 'x-2' }), 'another one has it by now')
  t.ok(draft.release('a', { ...about, instance: 'x-1' }))
  t.strictSame(draft.state.steps.a, {
    status: 'dispatched',
    attempt: 1,
    dispatchedAtMs: 4000,
    expiresAtMs: 6000,
  })
})

t.test('an attempt that did not work out backs off until none is left', async (t) => {
  const twice = { steps: [step({ retry: { maxAttempts: 2 } })] }
  const draft = TaskDraft.of(outState({}, twice), WHEN)
  t.equal(draft.retryOrEnd('a', error, { afterMs: 0, result }), undefined)
  t.strictSame(draft.state.steps.a, {
    status: 'backoff',
    attempt: 1,
    dispatchedAtMs: 4000,
    retryAtMs: 5001,
    error,
    startedAtMs: 4100,
    finishedAtMs: 4900,
    instance: 'x-1',
  })
  const last = TaskDraft.of(outState({ attempt: 2 }, twice), WHEN)
  const ended = { code: 'BROKE', message: 'it broke (attempt 2 of 2)' }
  t.strictSame(last.retryOrEnd('a', error), ended)
  t.match(last.state.steps.a, { status: 'failed', error: ended })
  const only = TaskDraft.of(outState({}, { steps: [step({ retry: { maxAttempts: 1 } })] }), WHEN)
  only.retryOrEnd('a', error)
  t.equal(only.state.steps.a?.error?.message, 'it broke', 'of one attempt no number')
})

t.test('the end is of the task and of every step that is open', async (t) => {
  const steps = ['a', 'b', 'c', 'd'].map((id) => step({ id }))
  const before = taskState('t', {
    plan: { steps },
    startAtMs: 4000,
    steps: {
      a: { status: 'completed', attempt: 1, output: 1 },
      b: {
        status: 'dispatched',
        attempt: 2,
        expiresAtMs: 9000,
        run: { instance: 'x', bornAtMs: 1, alone: true, sinceMs: 2 },
      },
      c: { status: 'backoff', attempt: 1, retryAtMs: 9000, error },
      d: { status: 'waiting', attempt: 0 },
    },
  })
  const draft = TaskDraft.of(before, WHEN)
  draft.finish('cancelled', { code: 'CANCELLED', message: 'cancelled on request' })
  t.match(draft.state, {
    status: 'cancelled',
    finishedAtMs: 5000,
    error: { code: 'CANCELLED', message: 'cancelled on request' },
  })
  t.strictSame(draft.state.steps, {
    a: { status: 'completed', attempt: 1, output: 1 },
    b: { status: 'cancelled', attempt: 2 },
    c: { status: 'cancelled', attempt: 1, error },
    d: { status: 'skipped', attempt: 0 },
  })
  t.match(draft.commands, [
    { kind: 'RetractStep', stepId: 'b', attempt: 2 },
    { kind: 'AnnounceEvent', event: { kind: 'cancelled', rev: 2, atMs: 5000, durationMs: 1000 } },
  ])
})

t.test('the output of a task: its template, or what no step needs', async (t) => {
  const done = (plan: TaskState['plan']) =>
    taskState('t', {
      plan,
      steps: {
        a: { status: 'completed', attempt: 1, output: 1 },
        b: { status: 'failed', attempt: 1, error },
      },
    })
  const steps = [step(), step({ id: 'b', onFailure: 'continue' })]
  const finish = (plan: TaskState['plan']) => {
    const draft = TaskDraft.of(done(plan), WHEN)
    draft.finishCompleted({ stepId: 'a', attempt: 1 })
    return draft
  }
  t.strictSame(finish({ steps }).state.output, { a: 1, b: null })
  t.strictSame(finish({ steps: [steps[0]!, { ...steps[1]!, needs: ['a'] }] }).state.output, { b: null })
  const { state, commands } = finish({ steps, output: [{ $from: 'steps.a.output' }, 'x'] })
  t.strictSame(state.output, [1, 'x'])
  t.match(commands, [{ event: { kind: 'completed', stepId: 'a', attempt: 1 } }])
})

t.test('a step that the task does not have is a bug, not a silent change', async (t) => {
  t.throws(() => TaskDraft.of(outState(), WHEN).retract('b'), /task t has no run b/)
})
