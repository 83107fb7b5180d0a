import { AssertionError } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { decide } from '#workflow/decide/decide.ts'
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
