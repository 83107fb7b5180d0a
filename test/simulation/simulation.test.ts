import t from 'tap'
import { assertPlan } from '#workflow/plan/check-plan.ts'
import { drawWorld } from './random-world.ts'
import { runSeed } from './run-seed.ts'

const SEEDS = 400

t.test('random plans in virtual time: every invariant holds, whatever goes wrong', async (t) => {
  const seen = new Map<string, number>()
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { history, violations } = await runSeed(seed)
    for (const { invariant, message } of violations.slice(0, 3))
      t.fail(`seed ${seed}: ${invariant}: ${message}; npm run test:simulation -- --seed ${seed} --trace`)
    if (!history) continue
    if (history.takeovers > 0) count('takeovers')
    for (const { kind, about } of history.emissions) {
      count(kind)
      for (const part of ['when', 'items', 'outputs', 'until', 'fallback', 'compensate'])
        if (about.includes(`.${part}:`)) count(part)
    }
    for (const log of history.logs)
      for (const [i, { seq }] of log.entries()) if (log[i - 1]?.seq === seq) count('batched')
    for (const event of history.logs.flat()) {
      count(event.kind)
      if (event.kind === 'control') count(event.body.action)
    }
    for (const { states } of history.snapshots.slice(-2))
      for (const { status, steps, plan } of states.values()) {
        count(status)
        for (const { error } of Object.values(steps)) {
          if (error) count(error.code)
        }
        for (const { id, waitFor } of plan.steps) if (waitFor && steps[id]!.output) count('delivered')
      }
  }
  t.comment(Object.fromEntries(seen))
  for (const what of [
    ...['completed', 'failed', 'cancelled', 'takeovers', 'pause', 'resume', 'signal', 'approval', 'cancel'],
    ...['DispatchStep', 'StartChild', 'CancelChild', 'ReportToParent', 'Evaluate', 'BuryStep', 'timer'],
    ...['items', 'outputs', 'until', 'when', 'fallback', 'compensate', 'started', 'released', 'delivered'],
    'batched',
    ...['STEP_TIMEOUT', 'QUEUE_TIMEOUT', 'DEADLINE_EXCEEDED', 'POISON_MESSAGE', 'REPEAT_EXHAUSTED'],
    ...['SIGNAL_TIMEOUT', 'APPROVAL_REJECTED', 'APPROVAL_TIMEOUT', 'ITEMS_INVALID'],
  ])
    t.ok((seen.get(what) ?? 0) > 2, `${what} was among it`)
})

t.test('a seed is the same every time, down to its last message', async (t) => {
  for (const seed of [3, 17, 40]) {
    const lines: string[][] = [[], []]
    for (const trace of lines) await runSeed(seed, { trace: (line) => void trace.push(line) })
    t.ok(lines[0]!.length > 5)
    t.strictSame(lines[0], lines[1])
  }
})

t.test('the plans are those that the orchestrator would take', async (t) => {
  for (let seed = 1; seed <= SEEDS; seed++)
    for (const { accepted } of drawWorld(seed).submissions)
      t.doesNotThrow(() => assertPlan(accepted.plan), `seed ${seed}`)
})
