import t from 'tap'
import { MurmurError, toProblem } from '#platform/errors/murmur-error.ts'
import { type ScheduleState, scheduleDefinitionSchema, scheduleStateSchema } from '#schemas/schedule.ts'
import {
  decideSchedule,
  MAX_RUNNING,
  newSchedule,
  type ScheduleEvent,
} from '../../../services/workflow/schedule/decide-schedule.ts'
import { jitterOf, MAX_COUNTED, nextDueMs } from '../../../services/workflow/schedule/due-occurrences.ts'

const MINUTE = 60_000
const BORN = Date.parse('2026-05-01T10:00:00Z')
const at = (minutes: number) => BORN + minutes * MINUTE

function schedule(more: object = {}): ScheduleState {
  const definition = scheduleDefinitionSchema.parse({
    cron: '* * * * *',
    submission: { type: 'report' },
    ...more,
  })
  return newSchedule({ tenant: 'acme', name: 'minutely' }, definition, BORN)
}

const NONE: ReadonlySet<string> = new Set()
const tick = (minutes: number, ended = NONE): ScheduleEvent => ({ kind: 'tick', nowMs: at(minutes), ended })
const after = (state: ScheduleState, ...events: ScheduleEvent[]) =>
  events.reduce((before, event) => decideSchedule(before, event).state, state)
const starts = (state: ScheduleState) =>
  state.pending.map(({ scheduledAtMs }) => (scheduledAtMs - BORN) / MINUTE)
/** All that is pending was accepted. */
function accepted(state: ScheduleState, nowMs: number): ScheduleState {
  return state.pending.reduce(
    (before, start) =>
      after(before, {
        kind: 'started',
        nowMs,
        start,
        taskId: `t${start.scheduledAtMs}${start.requestId ?? ''}`,
      }),
    state,
  )
}

t.test(
  'an occurrence is started once, and what happened before the schedule was made is not its business',
  async (t) => {
    const made = schedule()
    t.equal(decideSchedule(made, tick(0.9)).state, made, 'nothing is due: the same state')
    const due = decideSchedule(made, tick(1.01))
    t.strictSame(starts(due.state), [1])
    t.strictSame(due.commands, [{ kind: 'start', start: { scheduledAtMs: at(1) } }])
    t.equal(decideSchedule(due.state, tick(1.02)).state, due.state, 'decided once')
    t.strictSame(decideSchedule(due.state, tick(1.02)).commands, due.commands, 'but told until it is done')
    const running = accepted(due.state, at(1.1))
    t.strictSame(running.pending, [])
    t.match(running.lastRun, { scheduledAtMs: at(1), taskId: `t${at(1)}`, startedAtMs: at(1.1) })
    t.equal(running.counts.started, 1)
    t.equal(accepted(running, at(1.2)), running)
    const [command] = due.commands
    if (command?.kind === 'start')
      t.equal(
        after(running, { kind: 'started', nowMs: at(1.2), start: command.start, taskId: 'other' }),
        running,
        'heard twice',
      )
    t.ok(scheduleStateSchema.safeParse(running).success, 'as it is stored')
    t.equal(nextDueMs(running), at(2))
  },
)

t.test('catch-up: skip, latest, all', async (t) => {
  const away = (catchUp: object, minutes: number) =>
    after(schedule({ overlap: 'allow', catchUp }), tick(minutes))
  t.strictSame(starts(away({ policy: 'skip' }, 5.5)), [5], 'half a minute late is not late')
  t.match(away({ policy: 'skip' }, 5.5).counts, { missed: 4 })
  const hourly = schedule({ cron: '0 * * * *', catchUp: { policy: 'skip' } })
  t.strictSame(starts(after(hourly, tick(62))), [], 'two minutes are')
  t.match(after(hourly, tick(62)), {
    counts: { missed: 1 },
    lastSkip: { why: 'missed', scheduledAtMs: at(60) },
  })
  t.strictSame(starts(away({ policy: 'latest' }, 5.5)), [5])
  t.strictSame(starts(after(schedule({ cron: '0 * * * *', catchUp: { policy: 'latest' } }), tick(62))), [60])
  t.strictSame(
    starts(after(schedule({ cron: '0 * * * *', catchUp: { policy: 'latest', windowMs: MINUTE } }), tick(62))),
    [],
    'older than its window',
  )
  t.strictSame(starts(away({ policy: 'all' }, 5.5)), [1, 2, 3, 4, 5], 'oldest first')
  const few = away({ policy: 'all', maxRuns: 2 }, 5.5)
  t.strictSame(starts(few), [4, 5], 'the newest')
  t.equal(few.counts.missed, 3)
  t.strictSame(starts(away({ policy: 'all', windowMs: 2 * MINUTE }, 5.5)), [4, 5])
  t.equal(away({ policy: 'latest' }, 60 * 24 * 40).counts.missed, MAX_COUNTED, 'counting has an end')
})

t.test('overlap skip: no second one while the first runs', async (t) => {
  const first = accepted(after(schedule(), tick(1)), at(1))
  const skipped = after(first, tick(2))
  t.strictSame(starts(skipped), [])
  t.match(skipped, { counts: { overlap: 1 }, lastSkip: { why: 'overlap', scheduledAtMs: at(2) } })
  t.strictSame(starts(after(skipped, tick(3, new Set([`t${at(1)}`])))), [3])
  t.strictSame(starts(after(schedule(), tick(1), tick(2))), [1], 'also while it is not a task yet')
})

t.test('overlap queue: one waits, the first', async (t) => {
  const first = accepted(after(schedule({ overlap: 'queue' }), tick(1)), at(1))
  const waiting = after(first, tick(2), tick(3))
  t.equal(waiting.queuedAtMs, at(2))
  t.equal(waiting.counts.overlap, 1)
  t.strictSame(decideSchedule(waiting, tick(3.1)).commands, [])
  const next = after(waiting, tick(3.5, new Set([`t${at(1)}`])))
  t.strictSame(starts(next), [2])
  t.equal(next.queuedAtMs, undefined)
})

t.test(
  'overlap cancel-running: what runs is cancelled until it has ended, and the newest goes',
  async (t) => {
    const first = accepted(after(schedule({ overlap: 'cancel-running' }), tick(1)), at(1))
    const due = decideSchedule(first, tick(2))
    t.strictSame(due.commands, [{ kind: 'cancel', taskId: `t${at(1)}` }])
    t.strictSame(decideSchedule(due.state, tick(2.1)).commands, due.commands, 'again, as long as it runs')
    const newer = after(due.state, tick(3))
    t.equal(newer.queuedAtMs, at(3))
    t.equal(newer.counts.overlap, 1)
    t.strictSame(starts(after(newer, tick(3.2, new Set([`t${at(1)}`])))), [3])
  },
)

t.test('overlap allow: any number, and the newest of them are remembered', async (t) => {
  let state = schedule({ overlap: 'allow' })
  for (let minute = 1; minute <= 30; minute++) state = accepted(after(state, tick(minute)), at(minute))
  t.equal(state.counts.started, 30)
  t.equal(state.running.length, MAX_RUNNING)
  t.equal(state.running.at(-1)?.scheduledAtMs, at(30))
})

t.test('paused: nothing starts, and nothing storms when it goes on', async (t) => {
  const paused = after(schedule({ catchUp: { policy: 'all' }, overlap: 'allow' }), {
    kind: 'pause',
    nowMs: at(0.5),
    reason: 'maintenance',
  })
  t.match(paused.paused, { atMs: at(0.5), reason: 'maintenance' })
  t.equal(nextDueMs(paused), undefined)
  t.equal(decideSchedule(paused, tick(30)).state, paused)
  const resumed = after(paused, { kind: 'resume', nowMs: at(30.5) })
  t.equal(resumed.paused, undefined)
  t.equal(resumed.counts.paused, 30)
  t.strictSame(starts(after(resumed, tick(30.9))), [])
  t.strictSame(starts(after(resumed, tick(31))), [31])
  t.equal(after(resumed, { kind: 'resume', nowMs: at(31) }), resumed, 'twice is once')
  const queued = after(accepted(after(schedule({ overlap: 'queue' }), tick(1)), at(1)), tick(2), {
    kind: 'pause',
    nowMs: at(2.5),
  })
  t.equal(queued.queuedAtMs, undefined, 'what waited is let go of')
  t.equal(queued.counts.paused, 1)
})

t.test('triggered: at once, also while it is paused or runs; once for each id; not too many', async (t) => {
  const paused = after(schedule(), { kind: 'pause', nowMs: at(0) })
  const trigger = (requestId: string): ScheduleEvent => ({ kind: 'trigger', nowMs: at(0.5), requestId })
  const triggered = after(paused, trigger('a'), trigger('a'))
  t.strictSame(triggered.pending, [{ scheduledAtMs: at(0.5), requestId: 'a' }])
  t.strictSame(
    starts(after(triggered, { kind: 'resume', nowMs: at(0.6) }, tick(1))),
    [0.5],
    'it counts as running',
  )
  let many = paused
  for (let i = 0; i < 10; i++) many = after(many, trigger(`r${i}`))
  t.throws(() => after(many, trigger('r10')), { code: 'OVERLOADED' })
})

t.test('refused: for good at once, for a while until it is too late', async (t) => {
  const due = after(schedule({ catchUp: { policy: 'skip' } }), tick(1))
  const [start] = due.pending
  const problem = toProblem(new MurmurError('UNKNOWN_AGENT', 'no agent of type "x" has ever registered'))
  const refuse = (minutes: number, mayPass: boolean): ScheduleEvent => ({
    kind: 'refused',
    nowMs: at(minutes),
    start: start!,
    problem,
    mayPass,
  })
  const gone = after(due, refuse(1, false))
  t.match(gone, {
    pending: [],
    counts: { refused: 1 },
    lastSkip: { why: 'refused', problem: { code: 'UNKNOWN_AGENT' } },
  })
  t.equal(after(due, refuse(1.5, true)), due, 'tried again')
  t.match(after(due, refuse(2, true)), { pending: [], counts: { refused: 1 } })
})

t.test('another definition: with the same times it goes on, with others it begins anew', async (t) => {
  const made = schedule()
  const define = (more: object): ScheduleEvent => ({
    kind: 'define',
    nowMs: at(5.5),
    definition: schedule(more).definition,
  })
  t.equal(after(made, define({ overlap: 'allow' })).cursorMs, BORN)
  const other = after(made, define({ cron: '*/2 * * * *' }))
  t.strictSame(starts(after(other, tick(5.9))), [])
  t.strictSame(starts(after(other, tick(6))), [6])
})

t.test('jitter: the same for a name, within its bound, and the occurrence keeps its time', async (t) => {
  const state = schedule({ jitterMs: 30_000 })
  const jitterMs = jitterOf(state)
  t.ok(jitterMs > 0 && jitterMs <= 30_000)
  t.equal(nextDueMs(state), at(1) + jitterMs)
  t.strictSame(starts(after(state, { kind: 'tick', nowMs: at(1) + jitterMs - 1, ended: NONE })), [])
  t.strictSame(starts(after(state, { kind: 'tick', nowMs: at(1) + jitterMs, ended: NONE })), [1])
  const spread = new Set(Array.from({ length: 50 }, (_, i) => jitterOf({ ...state, name: `s${i}` })))
  t.ok(spread.size > 40, 'names are spread')
})
