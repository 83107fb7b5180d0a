import fc from 'fast-check'
import t from 'tap'
import { decide } from '#workflow/decide/decide.ts'
import { type AuditedTurn, brokenRules } from '../../../services/orchestrator/integrity/turn-rules.ts'
import { anyAcceptedArbitrary } from '../../support/random-kinds.ts'
import { SimulatedTask, type Turn } from '../../support/simulated-task.ts'

const TROUBLES = {
  ...{ dropped: 0.1, doubled: 0.5, late: 0.15, retries: 0.2, fails: 0.05, crashes: 0.05, long: 0.4 },
  ...{ noise: 0.4, cancel: 0.1, stored: 0.2, controls: 0.4 },
}
const RUNS = 600

const auditedOf = ({ event, before, after, commands }: Turn): AuditedTurn => ({
  ...{ event, before, after: after!, commands },
})

t.test('whatever is lost, late, doubled, paused or cancelled, a sound task breaks no rule', async (t) => {
  let turns = 0
  fc.assert(
    fc.property(anyAcceptedArbitrary, fc.integer(), (accepted, seed) => {
      for (const turn of new SimulatedTask(accepted, { troubles: TROUBLES, seed, decide }).run()) {
        turns++
        const [broken] = brokenRules(auditedOf(turn))
        // Among the noise are answers of attempts that never were: they are told, and nothing else.
        if (
          broken?.rule === 'attempts-in-order' &&
          turn.event.kind === 'result' &&
          turn.after === turn.before
        )
          continue
        if (broken) throw new Error(`${broken.rule}: ${broken.message}, with ${JSON.stringify(turn.event)}`)
      }
    }),
    { numRuns: RUNS },
  )
  t.ok(turns > 5000, `${turns} turns`)
})

/** Turns of one task that completes: two steps, one after the other. */
function turnsOf(): AuditedTurn[] {
  const quiet = Object.fromEntries(Object.keys(TROUBLES).map((name) => [name, 0])) as typeof TROUBLES
  const accepted = {
    ...{ v: 1 as const, taskId: 'task-1', tenant: 'default', type: 'plan', priority: 1 as const },
    ...{ bodyHash: 'a', input: {}, deadlineMs: 600_000, delayMs: 0 },
    plan: {
      steps: [
        { id: 'a', agent: 'x' },
        { id: 'b', agent: 'x', needs: ['a'] },
      ],
    },
  }
  return new SimulatedTask(accepted as never, { troubles: quiet, seed: 1, decide }).run().map(auditedOf)
}

const rulesOf = (turn: AuditedTurn) => brokenRules(turn).map(({ rule }) => rule)

t.test('each rule is seen to be broken', async (t) => {
  const turns = turnsOf()
  t.strictSame(turns.flatMap(rulesOf), [])
  const results = turns.filter(({ event }) => event.kind === 'result')
  const [first, second] = results as [AuditedTurn, AuditedTurn]
  const steps = (turn: AuditedTurn) => turn.after.steps
  t.equal(second.after.status, 'completed')

  t.strictSame(
    rulesOf({ ...second, before: second.after, commands: first.commands }),
    ['terminal-never-changes'],
    'something begins after the end',
  )
  t.strictSame(
    rulesOf({ ...second, before: second.after, after: { ...second.after, rev: 99 }, commands: [] }),
    ['terminal-never-changes'],
  )
  const accepted = turns[0]!
  t.strictSame(
    rulesOf({
      event: { ...accepted.event, body: { ...accepted.event.body, bodyHash: 'b' } } as never,
      ...{ before: first.after, after: first.after, commands: [] },
    }),
    ['accepted-once'],
  )
  t.strictSame(
    rulesOf({ event: accepted.event, before: first.after, after: first.after, commands: [] }),
    [],
    'the same again is the same',
  )
  const ahead = { ...first.event, body: { ...first.event.body, attempt: 7 } } as never
  t.strictSame(rulesOf({ ...first, event: ahead, after: first.before!, commands: [] }), ['attempts-in-order'])
  const done = { ...first.before!, steps: { ...first.before!.steps, a: steps(first).a! } }
  t.match(rulesOf({ ...first, before: done, after: { ...first.after, steps: done.steps }, commands: [] }), [
    'one-result-a-run',
  ])
  const other = { ...steps(second), a: { ...steps(second).a!, output: 'other' } }
  t.strictSame(rulesOf({ ...second, after: { ...second.after, steps: other } }), ['outcomes-stay'])
  const undone = { ...steps(second), b: { ...steps(second).b!, status: 'dispatched' as const } }
  t.strictSame(rulesOf({ ...second, after: { ...second.after, steps: undone } }), ['ends-as-its-steps'])
  const early = { ...steps(first), a: first.before!.steps.a! }
  t.strictSame(rulesOf({ ...first, after: { ...first.after, steps: early } }), ['needs-come-first'])
  t.strictSame(rulesOf({ ...first, after: { ...first.after, status: 'paused' } }), [
    'nothing-begins-while-paused',
  ])
  const skipping = first.commands.map((command) =>
    command.kind === 'DispatchStep' ? { ...command, attempt: 2 } : command,
  )
  t.strictSame(rulesOf({ ...first, commands: skipping }), ['attempts-in-order'])
})
