import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import { type Outcome, type Scene, SimulatedAdmission, type TaskKind } from './simulated-admission.ts'

/** As a report is: sources are read side by side, then analysed together, then written up. */
const report = (sources: number): Plan => {
  const reads = Array.from({ length: sources }, (_, i) => ({ id: `read${i}`, agent: 'ingest' }))
  return {
    steps: [
      ...reads,
      { id: 'analysis', agent: 'analysis', needs: reads.map(({ id }) => id) },
      { id: 'writing', agent: 'writing', needs: ['analysis'] },
    ],
  }
}
/** Steps one after the other that come back to the same agent. */
const chain: Plan = {
  steps: [
    { id: 'a', agent: 'echo' },
    { id: 'b', agent: 'echo', needs: ['a'] },
    { id: 'c', agent: 'echo', needs: ['b'] },
  ],
}
const KINDS: readonly TaskKind[] = [
  { share: 0.45, plan: report(2), deadlineMs: 60_000, priority: 2 },
  { share: 0.2, plan: report(5), deadlineMs: 90_000, priority: 2 },
  { share: 0.25, plan: chain, deadlineMs: 40_000, priority: 2 },
  { share: 0.05, plan: report(1), deadlineMs: 450_000, priority: 3 },
  { share: 0.05, plan: report(1), deadlineMs: 30_000, priority: 0 },
]
/** A task takes 500 ms of a processor or so: two of them do four a second. */
const SCENE: Scene = {
  kinds: KINDS,
  agents: {
    ingest: { slots: 2, costMs: 80 },
    analysis: { slots: 2, costMs: 250 },
    writing: { slots: 2, costMs: 100 },
    echo: { slots: 16, costMs: 30 },
  },
  cores: 2,
  orchestrators: 2,
  seconds: 300,
  speedAt: () => 1,
  arrivalsAt: () => 10,
  lagMs: 300,
  returns: 0,
  seed: 1,
}

/** 300 tasks in a fifth of a second, from the tenth second on every twenty: the first of them meets a system that was never full. */
const bursts = (s: number) => (s % 20 >= 10 && s % 20 < 10.2 ? 1500 : 3)

const run = (about: Partial<Scene>): Outcome => new SimulatedAdmission({ ...SCENE, ...about }).run()
const lateShare = ({ accepted, late }: Outcome) => late / accepted

const CASES: readonly [string, Partial<Scene>][] = [
  ['load that stays, a little too much', { arrivalsAt: () => 5 }],
  ['load that stays, four times what can be done', { arrivalsAt: (s) => (s < 10 ? 2 : 20) }],
  ['load that rises', { arrivalsAt: (s) => 1 + s / 10 }],
  ['bursts between two samples', { arrivalsAt: bursts }],
  ['one orchestrator', { orchestrators: 1 }],
  ['four orchestrators', { orchestrators: 4, arrivalsAt: bursts }],
  ['what is seen is two seconds old', { lagMs: 2000 }],
  ['processors that become slower and slower', { speedAt: (s) => 1 - s / 600 }],
  ['processors that are half as fast from one moment to the next', { speedAt: (s) => (s < 120 ? 1 : 0.55) }],
  ['processors that come and go', { speedAt: (s) => 1 + 0.4 * Math.sin(s / 7) }],
  ['nothing is done for six seconds, again and again', { speedAt: (s) => (s % 60 < 6 ? 0 : 1) }],
  ['processors that become faster', { speedAt: (s) => (s < 120 ? 0.5 : 1.5) }],
]

for (const [name, about] of CASES)
  t.test(`what was let in is done in time, and nobody is idle: ${name}`, async (t) => {
    for (const seed of [1, 2]) {
      const outcome = run({ ...about, seed })
      t.comment(JSON.stringify(outcome))
      t.ok(lateShare(outcome) < 0.01, `late: ${outcome.late} of ${outcome.accepted}`)
      t.ok(outcome.utilisation > 0.9, `used: ${outcome.utilisation.toFixed(3)}`)
    }
  })

t.test(
  'from one moment to the next nine times what can be done: what comes before that is measured errs a little',
  async (t) => {
    for (const seed of [1, 2]) {
      const outcome = run({ arrivalsAt: (s) => (s < 10 ? 2 : 40), seed })
      t.ok(lateShare(outcome) < 0.02, `late: ${outcome.late} of ${outcome.accepted}`)
      t.ok(outcome.utilisation > 0.9, `used: ${outcome.utilisation.toFixed(3)}`)
    }
  },
)

const letInShare = ({ letIn, refusedAgain }: Outcome) => letIn / (letIn + refusedAgain)

/** What comes back meets the same load as before. */
const RETURNS: readonly [string, Partial<Scene>, number][] = [
  ['one orchestrator', { orchestrators: 1 }, 0.9],
  ['two orchestrators', {}, 0.9],
  ['four orchestrators', { orchestrators: 4 }, 0.9],
  ['what is seen is two seconds old', { lagMs: 2000 }, 0.9],
  ['a third has no key of its own', { keyed: 66 }, 0.75],
  // Who was told a time by a rate that is no more comes in vain, and is told another one.
  ['processors that come and go', { speedAt: (s) => 1 + 0.3 * Math.sin(s / 7) }, 0.7],
  ['processors that become slower and slower', { speedAt: (s) => 1 - s / 600 }, 0.4],
  ['half as fast from one moment to the next', { speedAt: (s) => (s < 120 ? 1 : 0.55) }, 0.4],
  ['bursts between two samples', { arrivalsAt: bursts }, 0.25],
]
for (const [name, about, least] of RETURNS)
  t.test(`who comes back when it was said is let in: ${name}`, async (t) => {
    for (const seed of [1, 2]) {
      const outcome = run({ arrivalsAt: () => 12, returns: 10, ...about, seed })
      t.comment(JSON.stringify({ ...outcome, share: letInShare(outcome) }))
      t.ok(letInShare(outcome) > least, `let in ${outcome.letIn}, refused again ${outcome.refusedAgain}`)
      t.ok(lateShare(outcome) < 0.01, `late: ${outcome.late} of ${outcome.accepted}`)
      t.ok(outcome.utilisation > 0.9, `used: ${outcome.utilisation.toFixed(3)}`)
    }
  })
