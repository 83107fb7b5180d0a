import { AssertionError } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { LogEvent } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'
import type { Command, Decision } from '#workflow/decide/commands.ts'
import { decide } from '#workflow/decide/decide.ts'
import { runStateOf } from '#workflow/decide/find-run.ts'
import { anyAcceptedArbitrary } from '../../support/random-kinds.ts'
import { checkRuns } from '../../support/run-checker.ts'
import { type Decide, SimulatedTask, type Troubles, type Turn } from '../../support/simulated-task.ts'

const RUNS = 1000

const chance = (maxPercent: number) => fc.integer({ min: 0, max: maxPercent }).map((percent) => percent / 100)
const troublesArbitrary: fc.Arbitrary<Troubles> = fc.record({
  dropped: chance(15),
  doubled: chance(80),
  late: chance(20),
  retries: chance(25),
  fails: chance(6),
  crashes: chance(5),
  long: chance(60),
  noise: chance(50),
  cancel: chance(20),
  stored: chance(30),
})
const worldArbitrary = fc.record({
  accepted: anyAcceptedArbitrary,
  troubles: troublesArbitrary,
  seed: fc.integer(),
})
type World = typeof worldArbitrary extends fc.Arbitrary<infer Drawn> ? Drawn : never

function simulate({ accepted, troubles, seed }: World, decider: Decide = decide): Turn[] {
  return new SimulatedTask(accepted, { troubles, seed, decide: decider }).run()
}

t.test('plans of all kinds of steps, in any world, keep the invariants and end', async (t) => {
  const seen = new Map<string, number>()
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)
  fc.assert(
    fc.property(worldArbitrary, (world) => {
      const turns = simulate(world)
      checkRuns(turns)
      count(turns.at(-1)!.after!.status)
      for (const { commands, kept, after } of turns) {
        if (kept) count('items kept')
        if (after?.status === 'compensating') count('compensating')
        for (const command of commands) {
          if (command.kind === 'RecordLate') count('late')
          if (command.kind === 'StartChild' || command.kind === 'CancelChild') count(command.kind)
          if (command.kind === 'Evaluate') count(`evaluated ${command.stepId.split('.')[1]}`)
          if (command.kind === 'DispatchStep')
            count(/\d/.test(command.stepId.split('.')[1] ?? 'x') ? 'one of many' : 'one')
          if (command.kind === 'DispatchStep' && command.stepId.endsWith('.fallback')) count('fallback')
          if (command.kind === 'DispatchStep' && command.stepId.endsWith('.compensate')) count('compensate')
        }
      }
      for (const step of Object.values(turns.at(-1)!.after!.steps)) {
        if (step.viaFallback) count('completed by the fallback')
        if (step.compensated) count(`compensation ${step.compensated}`)
        if (step.error) count(step.error.code)
        if (step.status === 'skipped') count('skipped')
      }
    }),
    { numRuns: RUNS },
  )
  t.comment(Object.fromEntries(seen))
  for (const what of [
    ...[
      'completed',
      'failed',
      'cancelled',
      'compensating',
      'compensate',
      'items kept',
      'one of many',
      'fallback',
    ],
    ...['StartChild', 'CancelChild', 'late', 'skipped', 'completed by the fallback', 'REPEAT_EXHAUSTED'],
    ...['evaluated when', 'evaluated items', 'evaluated outputs', 'evaluated until', 'ITEMS_INVALID'],
    ...['compensation completed', 'compensation failed', 'STEP_TIMEOUT', 'QUEUE_TIMEOUT'],
  ])
    t.ok((seen.get(what) ?? 0) > RUNS / 100, `${what} was among it`)
})

t.test('the checker finds what a broken decide does', async (t) => {
  const isCaught = (decider: Decide) => {
    const outcome = fc.check(
      fc.property(worldArbitrary, (world) => checkRuns(simulate(world, decider))),
      { numRuns: RUNS, endOnFailure: true },
    )
    return outcome.failed && outcome.errorInstance instanceof AssertionError
  }
  const mutants: [what: string, decider: Decide][] = [
    [
      'without the attempt fence',
      (state, event, options) => decide(state, withCurrentAttempt(state, event), options),
    ],
    [
      'that keeps outcomes twice',
      changed(({ kept = [], ...rest }) => ({ ...rest, kept: [...kept, ...kept] })),
    ],
    ['that leaves what is out', changed(withoutCommand('RetractStep'))],
    ['that leaves children alone', changed(withoutCommand('CancelChild'))],
    [
      'that sends items twice',
      changed(({ commands, ...rest }) => ({ ...rest, commands: [...commands, ...commands] })),
    ],
    [
      'that forgets what was done',
      changed(({ state, ...rest }) => ({ ...rest, state: state && withoutOrder(state) })),
    ],
    ['that takes nothing back', (state, event, options) => decide(state && running(state), event, options)],
  ]
  for (const [what, decider] of mutants) t.ok(isCaught(decider), what)
})

function changed(change: (decision: Decision) => Decision): Decide {
  return (state, event, options) => change(decide(state, event, options))
}

function withoutCommand(kind: Command['kind']) {
  return ({ commands, ...rest }: Decision): Decision => ({
    ...rest,
    commands: commands.filter((command) => command.kind !== kind),
  })
}

function withCurrentAttempt(state: TaskState | undefined, event: LogEvent): LogEvent {
  if (event.kind !== 'result' || !state) return event
  const attempt = runStateOf(state, event.body.stepId)?.attempt
  return attempt ? { ...event, body: { ...event.body, attempt } } : event
}

function withoutOrder(state: TaskState): TaskState {
  const steps = Object.entries(state.steps).map(([id, { completedSeq: _, ...step }]) => [id, step])
  return { ...state, steps: Object.fromEntries(steps) }
}

/** A task that undoes what it has done goes on as if nothing had happened. */
function running(state: TaskState): TaskState {
  return state.status === 'compensating' ? { ...state, status: 'running' } : state
}
