import t from 'tap'
import type { LoadResult } from '../../../loadtest/load/result-schema.ts'
import { isGood, judgeLevels, voidReasons } from '../../../loadtest/load/verdict.ts'
import { sampleGenerated, sampleResult } from './sample-run.ts'

type Facts = Parameters<typeof judgeLevels>[0]
const good = sampleResult()
const facts = (over: Partial<Facts> = {}): Facts => ({
  kinds: good.kinds.filter(({ transport }) => transport === 'all'),
  apiP95Ms: 10,
  tasks: good.tasks,
  ranMs: 1000,
  turnedAway: 0,
  faults: [],
  ...over,
})
const level = (name: RegExp, over: Partial<Facts> = {}) =>
  judgeLevels(facts(over)).find((one) => name.test(one.name))!

t.test('what was asked for and met is met', async (t) => {
  t.strictSame(
    judgeLevels(
      facts({ faults: [{ what: 'orchestrator', atMs: 1, recoveryMs: 3000, seenBy: 'latency' }] }),
    ).map(({ judgement }) => judgement),
    Array(7).fill('met'),
  )
})

t.test('each level is missed by what it is about', async (t) => {
  t.match(level(/^API/, { apiP95Ms: 500 }), { judgement: 'missed', measured: 500 })
  const slow = facts().kinds.map((kind) => ({ ...kind, latency: { ...kind.latency, p95Ms: 700 } }))
  t.match(level(/small reports/, { kinds: slow }), { judgement: 'missed', measured: 700 })
  const wrong = facts().kinds.map((kind) => ({ ...kind, errors: { INTERNAL: 100 } }))
  t.match(level(/^errors/, { kinds: wrong }), { judgement: 'missed', note: /100 of 900: INTERNAL 100/ })
  const failed = facts().tasks.map((task) => ({ ...task, asExpected: 700, otherwise: { failed: 100 } }))
  t.match(level(/ended as they were to/, { tasks: failed }), { judgement: 'missed', note: /100 of 800/ })
  t.match(
    level(/killed/, { faults: [{ what: 'orchestrator', atMs: 1, recoveryMs: 12_000, seenBy: 'latency' }] }),
    {
      judgement: 'missed',
      measured: 12,
    },
  )
  const unseen = level(/killed/, {
    faults: [
      { what: 'orchestrator', atMs: 1, recoveryMs: 3000, seenBy: 'latency' },
      { what: 'agents', atMs: 2, seenBy: 'latency' },
    ],
  })
  t.match(unseen, { judgement: 'missed', note: /after agents it was not seen/ })
  t.equal(unseen.measured, undefined, 'the recovery of another is no figure for it')
  const lost = facts().tasks.map((task) => ({ ...task, lost: 1 }))
  t.match(level(/lost/, { tasks: lost }), { judgement: 'missed', measured: 1 })
})

t.test('what was not asked for is not judged: few tasks that were all done are no fault', async (t) => {
  t.match(level(/tasks that ended$/, { ranMs: 60_000 }), {
    judgement: 'not asked',
    note: /13.3\/s were offered/,
  })
  t.match(
    level(/tasks that ended$/, { ranMs: 60_000, turnedAway: 6000 }).judgement,
    'missed',
    'turned away is offered',
  )
  t.match(level(/killed/), { judgement: 'not asked' })
  t.strictSame(
    judgeLevels(facts({ kinds: [], tasks: [] })).filter(({ judgement }) => judgement === 'met'),
    [],
  )
})

t.test('a run whose generator was late, or that left something out, is void', async (t) => {
  const { own } = sampleGenerated()
  const rest = { notSent: 0, isBrokenOff: false, notRemembered: 0 }
  t.strictSame(voidReasons(own, rest), [])
  t.match(voidReasons({ ...own, loopP99Ms: 51 }, rest), [/event loop was 51 ms late/])
  t.match(voidReasons({ ...own, lateP99Ms: 80 }, rest), [/sent 80 ms late/])
  t.equal(voidReasons(own, { notSent: 3, isBrokenOff: true, notRemembered: 2 }).length, 3)
})

t.test('good is a run that counts and missed nothing', async (t) => {
  const of = (reasons: string[], judgement: 'met' | 'missed' | 'not asked') =>
    isGood({ void: reasons, levels: [{ judgement }] as LoadResult['levels'] })
  t.ok(of([], 'met') && of([], 'not asked'))
  t.notOk(of([], 'missed') || of(['late'], 'met'))
})
