import t from 'tap'
import type { LogEvent } from '#schemas/log-event.ts'
import { nextDueMs } from '#workflow/decide/decide.ts'
import { foldBatch, type HeldTask } from '../../../services/orchestrator/partition/fold-batch.ts'
import { acceptedTask } from '../../support/random-plan.ts'

const T0 = 1_790_000_000_000
const OPTIONS = { keepFinishedMs: 60_000 }
const PLAN = { steps: [{ id: 'a', agent: 'x', timeoutMs: 100, queueTimeoutMs: 100 }] }

const accepted = (atMs: number, seq: number): LogEvent => ({
  kind: 'accepted',
  body: acceptedTask({ plan: PLAN, tenant: 'north' }),
  atMs,
  seq,
})
const cancel = (atMs: number, seq: number): LogEvent => ({
  kind: 'control',
  body: { v: 1, taskId: 'task-1', action: 'cancel' },
  atMs,
  seq,
})
const fold = (events: LogEvent[], held?: HeldTask) => foldBatch(events, () => held, OPTIONS)
const heldAfter = (events: LogEvent[], held?: HeldTask) => fold(events, held).held.get('task-1')!

t.test('active tasks are counted by type and tenant: one comes, one goes', async (t) => {
  const came = fold([accepted(T0, 1)])
  t.strictSame([...came.depth], [['plan', 1]])
  t.strictSame([...came.tenants], [['north', 1]])
  const went = fold([cancel(T0 + 1, 2)], came.held.get('task-1'))
  t.strictSame([...went.depth], [['plan', -1]])
  t.strictSame([...went.tenants], [['north', -1]])
  const both = fold([accepted(T0, 1), cancel(T0 + 1, 2)])
  t.strictSame([...both.depth, ...both.tenants], [], 'what comes and goes in one batch changes nothing')
})

t.test(
  'cameras of a task are said with each of its states, and that they are free when it has ended',
  async (t) => {
    const plan = { steps: [{ id: 'a', agent: 'capture', timeoutMs: 100 }] }
    const monitor: LogEvent = {
      ...accepted(T0, 1),
      kind: 'accepted',
      body: acceptedTask({ plan, tenant: 'north' }),
    }
    const came = fold([monitor])
    t.equal(came.writes[0]?.cameras, 1)
    const pause: LogEvent = {
      kind: 'control',
      body: { v: 2, taskId: 'task-1', action: 'pause' },
      atMs: T0,
      seq: 2,
    }
    const paused = fold([pause], came.held.get('task-1'))
    t.equal(paused.writes[0]?.cameras, 1)
    t.equal(fold([cancel(T0 + 1, 3)], paused.held.get('task-1')).writes[0]?.cameras, 0)
    t.equal(fold([accepted(T0, 1)]).writes[0]?.cameras, undefined, 'nothing is said of what never had one')
    const repaired = { ...heldAfter([accepted(T0, 1)]), repaired: true }
    t.equal(fold([cancel(T0 + 1, 2)], repaired).writes[0]?.cameras, 0, 'what it had is not known')
  },
)

t.test('a task that starts anew under its id is new, with another definition', async (t) => {
  const ended = heldAfter([accepted(T0, 1), cancel(T0 + 1, 2)])
  const later = T0 + 10 * OPTIONS.keepFinishedMs
  const [write] = fold([accepted(later, 3)], ended).writes
  t.match(write, { isNew: true, state: { status: 'running', createdAtMs: later } })
  const [same] = fold([cancel(T0 + 2, 2)], heldAfter([accepted(T0, 1)])).writes
  t.match(same, { isNew: false })
})

t.test('timers: written when they have to be earlier, kept when they are early enough', async (t) => {
  const held = heldAfter([accepted(T0, 1)])
  const retry: LogEvent = {
    kind: 'result',
    body: {
      v: 1,
      taskId: 'task-1',
      stepId: 'a',
      attempt: 1,
      instance: 'x-1',
      startedAtMs: T0,
      finishedAtMs: T0,
      outcome: { kind: 'retry', error: { code: 'STEP_FAILED', message: 'again' }, afterMs: 5 },
    },
    atMs: T0 + 1,
    seq: 2,
  }
  const sooner = fold([retry], held)
  t.equal(sooner.writes[0]!.dueMs, T0 + 6, 'the retry comes before all else')
  t.equal(sooner.earliestDueMs, T0 + 6)
  const early: HeldTask = { ...held, storedDueMs: T0 + 2 }
  t.equal(fold([retry], early).writes[0]!.dueMs, 'unchanged', 'one that is too early costs a look only')
  const fired = fold(
    [{ kind: 'timer', body: { v: 1, taskId: 'task-1', dueMs: T0 + 2 }, atMs: T0 + 2, seq: 2 }],
    early,
  )
  t.equal(typeof fired.writes[0]?.dueMs, 'number', 'once it has gone off, the next one is stored')
  t.equal(fired.held.get('task-1')?.storedDueMs, fired.writes[0]?.dueMs)
})

t.test('a timer that is fired too early changes nothing, and is stored again', async (t) => {
  const body = acceptedTask({ plan: { steps: [{ id: 'a', agent: 'x' }] }, deadlineMs: 60_000 })
  const accepted = foldBatch([{ kind: 'accepted', body, atMs: T0, seq: 1 }], () => undefined, OPTIONS)
  const held = accepted.held.get(body.taskId)!
  t.equal(held.storedDueMs, T0 + 60_000)
  const timer: LogEvent = {
    kind: 'timer',
    body: { v: 1, taskId: body.taskId, dueMs: T0 + 60_000 },
    atMs: T0 + 10,
    seq: 2,
  }
  const early = foldBatch([timer], () => held, OPTIONS)
  t.strictSame(early.writes, [{ state: held.state, dueMs: nextDueMs(held.state), isNew: false }])
  t.equal(early.earliestDueMs, T0 + 60_000, 'and looked for again')
  t.strictSame(early.work, [{ state: held.state, commands: [] }])
  t.strictSame(early.held.get(body.taskId), held)
  const inTime = foldBatch([{ ...timer, atMs: T0 + 60_001, seq: 3 }], () => held, OPTIONS)
  t.match(inTime.writes, [{ state: { error: { code: 'DEADLINE_EXCEEDED' } }, dueMs: undefined }])
})

t.test('what is in the state already changes nothing, and is carried out again', async (t) => {
  const held = heldAfter([accepted(T0, 1)])
  const again = fold([accepted(T0, 1)], held)
  t.strictSame([again.writes, again.late], [[], []])
  t.match(again.work, [{ state: held.state, commands: [{ kind: 'DispatchStep', stepId: 'a', attempt: 1 }] }])
  const ended = heldAfter([accepted(T0, 1), cancel(T0 + 1, 2)])
  t.strictSame(fold([cancel(T0 + 1, 2)], ended).work, [], 'that it has ended is not announced once more')
  t.strictSame(fold([accepted(T0, 1)], ended).work, [], 'what lies before it was carried out with it')
  const once = fold([accepted(T0, 1), cancel(T0 + 1, 1)])
  t.equal(once.held.get('task-1')?.state.status, 'running', 'a second event of one message is none')
  t.equal(
    once.work.flatMap(({ commands }) => commands).filter(({ kind }) => kind === 'DispatchStep').length,
    1,
  )
})

t.test('what could not be read is written whole, however many events of it come at once', async (t) => {
  const unreadable = { ...heldAfter([accepted(T0, 1)]), repaired: true }
  const ended = (events: LogEvent[]) => {
    const quarantined = new Map([['task-1', { why: 'it can not be read', keep: 'all' as const }]])
    return foldBatch(events, () => unreadable, { ...OPTIONS, quarantined }).writes
  }
  const timer = (seq: number): LogEvent => ({
    kind: 'timer',
    body: { v: 1, taskId: 'task-1', dueMs: T0 },
    atMs: T0 + seq,
    seq,
  })
  for (const events of [[timer(2)], [timer(2), timer(3)]])
    t.match(ended(events), [
      { isNew: true, state: { status: 'failed', error: { code: 'TASK_QUARANTINED' } } },
    ])
})
