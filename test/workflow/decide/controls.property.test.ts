import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import type { Plan, Step } from '#schemas/plan.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { nextDueMs } from '#workflow/decide/decide.ts'
import { Story, T0 } from '../../support/story.ts'

const RUNS = 1500
const NAMES = ['s', 't']
const DEADLINE_MS = 20_000

const idOf = (index: number) => `n${index}`
const waitMs = fc.integer({ min: 1, max: 4000 })

/** One step of any kind that waits, or an agent's; it needs some of those before it. */
const stepArbitrary = fc.record({
  kind: fc.constantFrom('agent', 'sleep', 'waitFor', 'waitFor', 'approval'),
  name: fc.constantFrom(...NAMES),
  ms: waitMs,
  escalateMs: waitMs,
  hasTimeout: fc.boolean(),
  goesOn: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
  needs: fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 2 }),
})
type DrawnStep = typeof stepArbitrary extends fc.Arbitrary<infer Drawn> ? Drawn : never

function stepOf(drawn: DrawnStep, index: number): Step {
  const { kind, name, ms, hasTimeout, goesOn } = drawn
  const needs = [...new Set(drawn.needs.filter((need) => need < index))].map(idOf)
  const step = { id: idOf(index), needs, onFailure: goesOn ? ('continue' as const) : ('fail' as const) }
  const timeout = hasTimeout && { timeoutMs: ms }
  if (kind === 'agent') return { ...step, agent: 'x', timeoutMs: ms, retry: { initialDelayMs: 50 } }
  if (kind === 'sleep') return { ...step, sleep: { ms } }
  if (kind === 'waitFor') return { ...step, waitFor: { signal: name, ...timeout } }
  const escalation = [{ afterMs: drawn.escalateMs, assignees: ['boss'] }]
  return { ...step, approval: { title: 'Go?', escalation, ...timeout } }
}

/** Something that happens, so many milliseconds after what was before. */
const happeningArbitrary = fc.record({
  what: fc.constantFrom(
    'signal',
    'signal',
    'pause',
    'resume',
    'resume',
    'answer',
    'answer',
    'result',
    'result',
    'start',
    'timer',
    'noise',
  ),
  afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 600 })),
  step: fc.integer({ min: 0, max: 7 }),
  signal: fc.integer({ min: 0, max: 9 }),
  is: fc.boolean(),
})
type Happening = typeof happeningArbitrary extends fc.Arbitrary<infer Drawn> ? Drawn : never

const worldArbitrary = fc.record({
  steps: fc.array(stepArbitrary, { minLength: 1, maxLength: 8 }),
  happenings: fc.array(happeningArbitrary, { minLength: 10, maxLength: 60 }),
})

/** Tells what must hold of a task that is paused, signalled and answered, from its states before and after each event. */
class World {
  readonly story = new Story()
  readonly sent = new Set<string>()
  readonly taken = new Set<string>()
  readonly seen = { paused: 0, delivered: 0, kept: 0, doubled: 0, answered: 0, shifted: 0 }
  #nowMs = 0
  #pausedMs = 0

  constructor(plan: Plan) {
    this.story.accept({ plan, deadlineMs: DEADLINE_MS })
  }

  get state(): TaskState {
    return this.story.state!
  }

  happen({ what, afterMs, step, signal, is }: Happening): void {
    const untilMs = this.#nowMs + afterMs
    this.#fireTimers(untilMs)
    if (isTerminal(this.state.status)) return
    const ms = untilMs
    this.#nowMs = ms
    const id = idOf(step % this.state.plan.steps.length)
    const attempt = this.state.steps[id]!.attempt
    this.#check(
      () => {
        if (what === 'signal') this.story.signal(ms, NAMES[signal % 2]!, `id${signal}`)
        else if (what === 'pause') this.story.pause(ms)
        else if (what === 'resume') this.story.resume(ms)
        else if (what === 'answer')
          this.story.answer(ms, id, {
            attempt: is ? Math.max(1, attempt) : attempt + 1,
            decision: signal % 4 ? 'approved' : 'rejected',
          })
        else if (what === 'result')
          this.story.result(
            ms,
            id,
            Math.max(1, attempt),
            is ? { kind: 'done', output: 1 } : { kind: 'retry', error: { code: 'E', message: 'e' } },
          )
        else if (what === 'start') this.story.started(ms, id, Math.max(1, attempt))
        else if (what === 'timer') this.story.timer(ms)
        else this.story.timer(ms + 50_000, ms)
      },
      what === 'signal' ? `id${signal}` : undefined,
    )
  }

  /** Nobody says anything any more: time alone brings it to its end. */
  end(): void {
    for (let i = 0; i < 200 && !isTerminal(this.state.status); i++)
      this.#fireTimers(Number.POSITIVE_INFINITY, 1)
    const { status, finishedAtMs, steps } = this.state
    assert(isTerminal(status), 'it ends')
    const lastMs = finishedAtMs! - T0
    const isPauseOver = this.state.error?.message.includes('paused') === true
    const allowedMs = DEADLINE_MS + this.#pausedMs + (isPauseOver ? LIMITS.taskDeadlineMs : 0)
    assert(
      lastMs <= allowedMs + (isPauseOver ? this.#nowMs : 0),
      `within its deadline as shifted: ${lastMs} of ${allowedMs}`,
    )
    for (const step of Object.values(steps))
      assert(
        ['completed', 'failed', 'skipped', 'cancelled'].includes(step.status),
        `no step is left ${step.status}`,
      )
  }

  /** Fires what is due until then, each when it is due. */
  #fireTimers(untilMs: number, most = 100): void {
    for (let i = 0; i < most; i++) {
      const due = nextDueMs(this.state)
      if (due === undefined || due - T0 > untilMs) return
      this.#nowMs = Math.max(this.#nowMs, due - T0)
      this.#check(() => this.story.timer(due - T0, this.#nowMs))
      const next = nextDueMs(this.state)
      assert(next === undefined || next > due, 'a timer that went off is not due again')
    }
  }

  #check(turn: () => void, signalId?: string): void {
    const before = this.state
    const { pausedAtMs = 0 } = before
    turn()
    const { state: after, story } = this
    const isResume = story.announced.includes('resumed')
    if (before.status === 'paused' && !isResume) {
      this.seen.paused++
      assert.deepEqual(story.dispatched, [], 'nothing is dispatched while it is paused')
      for (const [id, { status }] of Object.entries(before.steps))
        if (status === 'waiting')
          assert(['waiting', 'skipped'].includes(after.steps[id]!.status), 'nothing begins')
    }
    if (before.status === 'paused' && after.status === 'running') {
      const pausedMs = T0 + this.#nowMs - pausedAtMs
      this.#pausedMs += pausedMs
      if (pausedMs > 0) this.seen.shifted++
      assert.equal(after.deadlineAtMs, before.deadlineAtMs + pausedMs, 'the deadline stood still')
    } else if (!isTerminal(after.status)) assert.equal(after.deadlineAtMs, before.deadlineAtMs)
    for (const [id, step] of Object.entries(before.steps))
      if (['completed', 'failed', 'skipped', 'cancelled'].includes(step.status))
        assert.deepEqual(after.steps[id], step, 'what has ended does not change')
    this.#checkSignals(signalId)
    this.#checkRevision(before)
  }

  #checkSignals(signalId: string | undefined): void {
    const { plan, steps, status, signals = [] } = this.state
    const delivered = plan.steps.flatMap(({ id, waitFor }) => {
      const output = waitFor ? steps[id]!.output : undefined
      return output === undefined ? [] : [(output as { id: string }).id]
    })
    assert.equal(new Set(delivered).size, delivered.length, 'each is delivered to one step')
    if (signalId !== undefined) {
      if (this.sent.has(signalId)) {
        assert.deepEqual(this.story.late, ['duplicate-signal'])
        this.seen.doubled++
      } else if (this.story.late.length === 0) this.taken.add(signalId)
      this.sent.add(signalId)
    }
    if (isTerminal(status)) return
    const kept = signals.map(({ id }) => id)
    this.seen.kept += kept.length
    this.seen.delivered += delivered.length
    assert.deepEqual(
      [...delivered, ...kept].sort(),
      [...this.taken].sort(),
      'each is delivered or kept, none lost',
    )
    for (const { name } of signals)
      for (const { id, waitFor } of plan.steps)
        assert(
          waitFor?.signal !== name || steps[id]!.status !== 'awaiting-signal',
          'nobody waits for what is kept',
        )
  }

  #checkRevision(before: TaskState): void {
    const { announced, dispatched, late, state } = this.story
    if (late.length > 0) assert.equal(state, before, 'what is late changes nothing')
    if (state!.rev === before.rev) return
    assert.equal(state!.rev, before.rev + 1)
    // The next attempt of a run is told with its end.
    const isRetry = dispatched.length > 0
    assert(isRetry || announced.length > 0, 'watchers are told of each revision')
    if (state!.steps !== before.steps && announced.includes('step-completed')) this.seen.answered++
  }
}

t.test('signals, waits, pauses and timers in any order', async (t) => {
  const seen: Record<string, number> = {}
  const ends: Record<string, number> = {}
  fc.assert(
    fc.property(worldArbitrary, ({ steps, happenings }) => {
      const world = new World({ steps: steps.map(stepOf) })
      for (const happening of happenings) world.happen(happening)
      world.end()
      for (const [what, times] of Object.entries(world.seen)) seen[what] = (seen[what] ?? 0) + times
      const how = `${world.state.status} ${world.state.error?.code ?? ''}`.trim()
      ends[how] = (ends[how] ?? 0) + 1
    }),
    { numRuns: RUNS },
  )
  t.comment(seen, ends)
  for (const [what, times] of Object.entries(seen)) t.ok(times > RUNS / 10, `${what}: it happened`)
  for (const how of [
    'completed',
    'failed DEADLINE_EXCEEDED',
    'failed SIGNAL_TIMEOUT',
    'failed APPROVAL_REJECTED',
  ])
    t.ok(ends[how]! > 0, `${how} was among the ends`)
})
