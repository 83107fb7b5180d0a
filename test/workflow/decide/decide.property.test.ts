import assert, { AssertionError } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { LogEvent } from '#schemas/log-event.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { Command } from '#workflow/decide/commands.ts'
import { decide, nextDueMs } from '#workflow/decide/decide.ts'
import { foldBatch, type HeldTask } from '../../../services/orchestrator/partition/fold-batch.ts'
import { acceptedArbitrary } from '../../support/random-plan.ts'
import {
  type Decide,
  randomNumbers,
  SimulatedTask,
  type Troubles,
  type Turn,
} from '../../support/simulated-task.ts'
import { checkTask } from '../../support/task-checker.ts'

const RUNS = 1500
const OPTIONS = { keepFinishedMs: 86_400_000 }

const chance = (maxPercent: number) => fc.integer({ min: 0, max: maxPercent }).map((percent) => percent / 100)
const troublesArbitrary: fc.Arbitrary<Troubles> = fc.record({
  dropped: chance(40),
  doubled: chance(80),
  late: chance(50),
  retries: chance(40),
  fails: chance(8),
  crashes: chance(25),
  long: chance(60),
  noise: chance(60),
  cancel: chance(30),
})
const worldArbitrary = fc.record({
  accepted: acceptedArbitrary,
  troubles: troublesArbitrary,
  seed: fc.integer(),
})
type World = typeof worldArbitrary extends fc.Arbitrary<infer Drawn> ? Drawn : never

function simulate({ accepted, troubles, seed }: World, decider: Decide = decide): Turn[] {
  return new SimulatedTask(accepted, { troubles, seed, decide: decider }).run()
}

t.test('any plan in any world keeps the invariants and ends', async (t) => {
  const ends = new Map<string, number>()
  const seen = { late: 0, retried: 0, timeouts: 0, expired: 0, alone: 0, buried: 0, released: 0, early: 0 }
  fc.assert(
    fc.property(worldArbitrary, (world) => {
      const turns = simulate(world)
      checkTask(turns)
      const { status, error } = turns.at(-1)!.after!
      const how = `${status} ${error?.code ?? ''}`.trim()
      ends.set(how, (ends.get(how) ?? 0) + 1)
      for (const { event, commands, before, after } of turns) {
        if (event.kind === 'released' && after !== before) seen.released++
        if (event.kind === 'timer' && event.body.dueMs > event.atMs + 1000 && after === before) seen.early++
        seen.buried += commands.filter((command) => command.kind === 'BuryStep').length
        seen.late += commands.filter((command) => command.kind === 'RecordLate').length
        for (const step of Object.values(after!.steps)) {
          if (step.attempt > 1) seen.retried++
          if (step.error?.code === 'STEP_TIMEOUT') seen.timeouts++
          if (step.error?.code === 'QUEUE_TIMEOUT') seen.expired++
          if (step.status === 'dispatched' && step.crashes) seen.alone++
        }
      }
    }),
    { numRuns: RUNS },
  )
  t.comment(Object.fromEntries(ends))
  const failures = ['DEADLINE_EXCEEDED', 'STEP_FAILED', 'QUEUE_TIMEOUT', 'STEP_TIMEOUT', 'POISON_MESSAGE']
  for (const how of ['completed', 'cancelled CANCELLED', ...failures.map((code) => `failed ${code}`)])
    t.ok((ends.get(how) ?? 0) > 0, `${how} was among the ends`)
  t.comment(seen)
  for (const [what, times] of Object.entries(seen))
    t.ok(times > RUNS / 30, `${what}: the world was troublesome`)
})

t.test('the checker finds what a broken decide does', async (t) => {
  const isCaught = (decider: Decide) => {
    const outcome = fc.check(
      fc.property(worldArbitrary, (world) => checkTask(simulate(world, decider))),
      { numRuns: RUNS, endOnFailure: true },
    )
    return outcome.failed && outcome.errorInstance instanceof AssertionError
      ? outcome.errorInstance.message
      : undefined
  }
  const mutants: [what: string, decider: Decide][] = [
    [
      'without the attempt fence',
      (state, event, options) => decide(state, withCurrentAttempt(state, event), options),
    ],
    [
      'without the fence of terminal states',
      (state, event, options) => decide(state && reopened(state), event, options),
    ],
    [
      'that accepts a task twice',
      (state, event, options) => decide(event.kind === 'accepted' ? undefined : state, event, options),
    ],
    [
      'that forgets what steps need',
      (state, event, options) =>
        decide(state, event.kind === 'accepted' ? withoutNeeds(event) : event, options),
    ],
    [
      'that dispatches nothing again',
      (state, event, options) => {
        const { state: after, commands } = decide(state, event, options)
        return {
          state: after,
          commands: commands.filter((c) => c.kind !== 'DispatchStep' || c.attempt === 1),
        }
      },
    ],
    [
      'that believes every timer',
      (state, event, options) =>
        decide(state, event.kind === 'timer' ? { ...event, atMs: event.body.dueMs } : event, options),
    ],
    [
      'that lets results count after the deadline',
      (state, event, options) =>
        decide(
          state,
          (state && { ...event, atMs: Math.min(event.atMs, state.deadlineAtMs) }) || event,
          options,
        ),
    ],
    ['that does not hear of starts', without('started')],
    ['that does not hear of releases', without('released')],
    ['that leaves everything in its queue', silent('RetractStep')],
    ['that buries nothing', silent('BuryStep')],
    [
      'that forgets who took its process down',
      (state, event, options) => {
        const { state: after, commands } = decide(state, event, options)
        return { state: after && withoutCrashes(after), commands }
      },
    ],
  ]
  for (const [what, decider] of mutants) t.ok(isCaught(decider), what)
  t.equal(isCaught(decide), undefined, 'and nothing of the real one')
})

t.test('the same log gives the same states, whatever the batches and whatever is remembered', async (t) => {
  let events = 0
  fc.assert(
    fc.property(fc.array(worldArbitrary, { minLength: 1, maxLength: 3 }), fc.integer(), (worlds, seed) => {
      const logs = worlds.map((world, i) =>
        simulate({ ...world, accepted: { ...world.accepted, taskId: `task-${i}` } }).map(
          ({ event }) => event,
        ),
      )
      const next = randomNumbers(seed)
      const log = merge(logs, next)
      events += log.length
      const oneByOne = fold(log, () => 1, next)
      const inBatches = fold(log, () => 1 + Math.floor(next() * 50), next)
      const atOnce = fold(log, () => log.length, next)
      assert.deepEqual(inBatches.states, oneByOne.states)
      assert.deepEqual(atOnce.states, oneByOne.states)
      for (const [id, state] of oneByOne.states)
        if (!isTerminal(state.status)) throw new Error(`${id} is open`)
      for (const { depth, tenants } of [oneByOne, inBatches, atOnce])
        if ([...depth.values(), ...tenants.values()].some((count) => count !== 0))
          throw new Error('all tasks have left the depth')
    }),
    { numRuns: 60 },
  )
  t.ok(events > 2000, `${events} events were folded three times`)
})

/** Folds a log in batches as the owner of a partition does, with a memory that forgets at random. */
function fold(log: LogEvent[], batchSize: () => number, chanceOf: () => number) {
  const states = new Map<string, TaskState>()
  const timers = new Map<string, number>()
  const memory = new Map<string, HeldTask>()
  const depth = new Map<string, number>()
  const tenants = new Map<string, number>()
  for (let at = 0; at < log.length; ) {
    const size = batchSize()
    const lookUp = (id: string) => {
      const state = states.get(id)
      return memory.get(id) ?? (state && { state, storedDueMs: undefined })
    }
    const folded = foldBatch(log.slice(at, at + size), lookUp, OPTIONS)
    const { writes, held } = folded
    at += size
    for (const { state, dueMs } of writes) {
      states.set(state.id, state)
      if (dueMs === undefined) timers.delete(state.id)
      else if (dueMs !== 'unchanged') timers.set(state.id, dueMs)
    }
    for (const [type, delta] of folded.depth) depth.set(type, (depth.get(type) ?? 0) + delta)
    for (const [tenant, delta] of folded.tenants) tenants.set(tenant, (tenants.get(tenant) ?? 0) + delta)
    for (const [id, task] of held) {
      if (chanceOf() < 0.5) memory.set(id, task)
      else memory.delete(id)
    }
    for (const [id, state] of states) {
      const due = nextDueMs(state)
      const stored = timers.get(id)
      if (due === undefined && stored !== undefined) throw new Error('an ended task has a timer')
      if (due !== undefined && !(stored !== undefined && stored <= due))
        throw new Error('a timer is stored too late')
    }
  }
  return { states: new Map([...states].sort(([a], [b]) => (a < b ? -1 : 1))), depth, tenants }
}

/** One log out of several, each in its own order, with its own place for each event. */
function merge(logs: LogEvent[][], chanceOf: () => number): LogEvent[] {
  const rest = logs.map((log) => [...log])
  const merged: LogEvent[] = []
  for (let open = rest; open.length > 0; open = open.filter((log) => log.length > 0)) {
    const event = open[Math.floor(chanceOf() * open.length)]!.shift()!
    merged.push({ ...event, seq: merged.length + 1 })
  }
  return merged
}

function withCurrentAttempt(state: TaskState | undefined, event: LogEvent): LogEvent {
  if (event.kind !== 'result') return event
  const attempt = state?.steps[event.body.stepId]?.attempt
  return attempt ? { ...event, body: { ...event.body, attempt } } : event
}

function without(kind: LogEvent['kind']): Decide {
  return (state, event, options) =>
    event.kind === kind ? { state, commands: [] } : decide(state, event, options)
}

function silent(kind: Command['kind']): Decide {
  return (state, event, options) => {
    const { state: after, commands } = decide(state, event, options)
    return { state: after, commands: commands.filter((command) => command.kind !== kind) }
  }
}

function withoutCrashes(state: TaskState): TaskState {
  const steps = Object.entries(state.steps).map(([id, { crashes: _, ...step }]) => [id, step])
  return { ...state, steps: Object.fromEntries(steps) }
}

function reopened(state: TaskState): TaskState {
  return isTerminal(state.status) ? { ...state, status: 'running' } : state
}

function withoutNeeds(event: LogEvent & { kind: 'accepted' }): LogEvent {
  const steps = event.body.plan.steps.map(({ needs: _, ...step }) => step)
  return { ...event, body: { ...event.body, plan: { steps } } }
}
