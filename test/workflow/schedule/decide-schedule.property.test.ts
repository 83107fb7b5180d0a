import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { MurmurError, toProblem } from '#platform/errors/murmur-error.ts'
import {
  CATCH_UP_POLICIES,
  OVERLAP_POLICIES,
  type ScheduleState,
  scheduleDefinitionSchema,
  scheduleStateSchema,
} from '#schemas/schedule.ts'
import {
  decideSchedule,
  newSchedule,
  type ScheduleEvent,
} from '../../../services/workflow/schedule/decide-schedule.ts'
import { occurrencesOf } from '../../../services/workflow/schedule/occurrences.ts'

const BORN = Date.parse('2026-03-28T22:00:00Z')
const PROBLEM = toProblem(new MurmurError('OVERLOADED', 'no room'))

const definitionArbitrary = fc
  .record({
    times: fc.constantFrom(
      { cron: '* * * * *' },
      { cron: '*/7 * * * *' },
      { cron: '30 2 * * *' },
      { cron: '0,30 1-3 * * *' },
      { everyMs: 1000 },
      { everyMs: 90_000 },
    ),
    timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe'),
    overlap: fc.constantFrom(...OVERLAP_POLICIES),
    jitterMs: fc.constantFrom(0, 5000, 200_000),
    policy: fc.constantFrom(...CATCH_UP_POLICIES),
    windowMs: fc.constantFrom(10_000, 600_000, 86_400_000),
    maxRuns: fc.integer({ min: 1, max: 20 }),
  })
  .map(({ times, policy, windowMs, maxRuns, ...rest }) =>
    scheduleDefinitionSchema.parse({
      ...rest,
      ...times,
      catchUp: { policy, windowMs, maxRuns },
      submission: { type: 'report' },
    }),
  )

const turnArbitrary = fc.record({
  passMs: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 12 * 3_600_000 })),
  what: fc.constantFrom(
    'tick',
    'tick',
    'tick',
    'accept',
    'accept',
    'refuse',
    'end',
    'pause',
    'resume',
    'trigger',
    'crash',
  ),
})

t.test('no occurrence twice, none that there is not, and the policies hold', async (t) => {
  let decided = 0
  fc.assert(
    fc.property(
      definitionArbitrary,
      fc.array(turnArbitrary, { minLength: 15, maxLength: 60, size: 'max' }),
      (definition, turns) => {
        let state: ScheduleState = newSchedule({ tenant: 'acme', name: 'any' }, definition, BORN)
        const times = occurrencesOf(definition)
        const seen = new Set<number>()
        let nowMs = BORN
        let triggers = 0
        const apply = (event: ScheduleEvent) => {
          const before = state
          const { state: after, commands } = decideSchedule(before, event)
          scheduleStateSchema.parse(after)
          assert.ok(after.cursorMs >= before.cursorMs, 'the cursor goes on')
          const fresh = after.pending.filter((start) => !before.pending.includes(start))
          for (const { scheduledAtMs, requestId } of fresh) {
            if (requestId !== undefined) continue
            decided++
            assert.ok(!seen.has(scheduledAtMs), 'once')
            seen.add(scheduledAtMs)
            assert.equal(times.next(scheduledAtMs - 1), scheduledAtMs, 'an occurrence')
            assert.ok(scheduledAtMs > BORN && scheduledAtMs <= nowMs, 'due, and not from before')
          }
          if (event.kind !== 'trigger' && before.paused)
            assert.deepEqual(fresh, [], 'nothing starts while it is paused')
          const caughtUp = fresh.filter(({ scheduledAtMs }) => scheduledAtMs > before.cursorMs)
          const bound = definition.catchUp.policy === 'all' ? definition.catchUp.maxRuns : 1
          assert.ok(caughtUp.length <= bound, 'catch-up is bounded')
          const scheduled = [...after.pending, ...after.running].filter(
            ({ requestId }) => requestId === undefined,
          )
          if (definition.overlap !== 'allow') assert.ok(scheduled.length <= 1, 'no two at a time')
          for (const command of commands)
            if (command.kind === 'cancel') assert.equal(definition.overlap, 'cancel-running')
          state = after
        }
        for (const { passMs, what } of turns) {
          nowMs += passMs
          const [start] = state.pending
          if (what === 'tick') apply({ kind: 'tick', nowMs, ended: new Set() })
          else if (what === 'accept' && start)
            apply({
              kind: 'started',
              nowMs,
              start,
              taskId: `${start.scheduledAtMs}:${start.requestId ?? ''}`,
            })
          else if (what === 'refuse' && start)
            apply({ kind: 'refused', nowMs, start, problem: PROBLEM, mayPass: passMs % 2 === 0 })
          else if (what === 'end')
            apply({
              kind: 'tick',
              nowMs,
              ended: new Set(state.running.slice(0, 1).map(({ taskId }) => taskId)),
            })
          else if (what === 'pause') apply({ kind: 'pause', nowMs })
          else if (what === 'resume') apply({ kind: 'resume', nowMs })
          else if (what === 'trigger' && triggers++ < 8)
            apply({ kind: 'trigger', nowMs, requestId: `r${triggers}` })
          // Another owner reads what was written.
          else if (what === 'crash') state = scheduleStateSchema.parse(JSON.parse(JSON.stringify(state)))
        }
        const { counts, pending } = state
        const ended = counts.started + counts.refused + pending.length
        assert.equal(ended <= seen.size + triggers, true, 'nothing out of nowhere')
      },
    ),
    { numRuns: 400 },
  )
  t.ok(decided > 200, `${decided} occurrences were decided`)
})
