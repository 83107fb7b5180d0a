import t from 'tap'
import { placementSchema } from '#schemas/placement.ts'
import { parseRange } from '#workflow/plan/version-range.ts'
import { createStrategy } from '../../../services/orchestrator/dispatch/create-strategy.ts'
import { explainChoice, placementFor } from '../../../services/orchestrator/dispatch/explain-choice.ts'
import { candidatesFor } from '../../../services/orchestrator/dispatch/strategy.ts'
import { VersionShares } from '../../../services/orchestrator/dispatch/version-shares.ts'
import { agentInstance, stepToPlace } from '../../support/dispatch-fixture.ts'

const NOW_MS = 100_000
const one = (id: string, about: Parameters<typeof agentInstance>[1] = {}) =>
  agentInstance(id, { heardAtMs: NOW_MS, version: '2.0.0', capabilities: ['gpu'], ...about })

t.test('every instance is considered or left out, each with its reason', async (t) => {
  const step = stepToPlace({ requirements: { range: parseRange('^2')!, needs: ['gpu'] } })
  const instances = [
    one('a', { ownInFlight: 2 }),
    one('b', { ownInFlight: 1 }),
    one('silent', { heardAtMs: NOW_MS - 3000 }),
    one('draining', { status: 'draining' }),
    one('broken', { admits: false }),
    one('old', { version: '1.4.0' }),
    one('plain', { capabilities: [] }),
    one('full', { ownInFlight: 5 }),
    one('hung', { blockedMs: 5000 }),
    one('shared', { hasOwnQueue: false }),
  ]
  const candidates = candidatesFor(step, instances, NOW_MS)
  const choice = createStrategy('least-loaded').choose(step, candidates)
  if (choice?.to !== 'instance') throw new Error('nobody was chosen')
  const explanation = explainChoice(choice, candidates, step, NOW_MS)
  t.strictSame(explanation.candidates, [
    { instance: 'b', version: '2.0.0', inFlight: 1, capacity: 4, score: 0.25 },
    { instance: 'a', version: '2.0.0', inFlight: 2, capacity: 4, score: 0.5 },
  ])
  const reasons = Object.fromEntries(explanation.leftOut!.map(({ instance, because }) => [instance, because]))
  t.strictSame(reasons, {
    broken: 'its circuit breaker is open',
    draining: 'it is draining',
    full: 'its slots are taken',
    hung: 'its event loop stands still',
    old: 'its version 1.4.0 is not in ^2',
    plain: 'it has no "gpu"',
    shared: 'it has no queue of its own',
    silent: 'it is silent',
  })
  const placement = placementFor(
    { ...choice, explanation },
    { strategy: 'least-loaded', attempt: 1, atMs: 5 },
  )
  t.match(placement, { instance: 'b', strategy: 'least-loaded', because: /least loaded of 2: 1 of 4/ })
  t.ok(placementSchema.safeParse(placement).success)
})

t.test('a version whose turn it is not is left out', async (t) => {
  const instances = [one('a', { version: '1.0.0' }), one('b')]
  const all = candidatesFor(stepToPlace(), instances, NOW_MS)
  const choice = new VersionShares(new Map([['2.x', 1]])).choose(all, (candidates) => {
    const found = createStrategy('round-robin').choose(stepToPlace(), candidates)
    if (found?.to !== 'instance') throw new Error('nobody was chosen')
    return { ...found, explanation: explainChoice(found, candidates, stepToPlace(), NOW_MS) }
  })
  t.match(choice, { because: /^versions 2.x have 1 of 1; the next of 1/ })
  t.match(choice?.to === 'instance' && choice.explanation, {
    candidates: [{ instance: 'b' }],
    leftOut: [{ instance: 'a', because: 'it is not the turn of its version' }],
  })
})

t.test('of a thousand instances sixteen are named, the chosen one among them', async (t) => {
  const instances = Array.from({ length: 1000 }, (_, i) =>
    one(`i${String(i).padStart(4, '0')}`, { ownInFlight: i === 999 ? 0 : 1, admits: i < 500 || i === 999 }),
  )
  const candidates = candidatesFor(stepToPlace(), instances, NOW_MS)
  for (const name of ['least-loaded', 'weighted', 'sticky'] as const) {
    const step = stepToPlace({ stickyKey: 'k' })
    const choice = createStrategy(name).choose(step, candidates)
    if (choice?.to !== 'instance') throw new Error('nobody was chosen')
    const explained = explainChoice(choice, candidates, step, NOW_MS)
    t.equal(explained.candidates?.length, 16)
    t.equal(explained.candidates?.[0]?.instance, choice.instance)
    t.type(explained.candidates?.[0]?.score, 'number', `${name} has a score`)
    t.match(explained, { moreCandidates: 485, moreLeftOut: 483 })
    t.ok(JSON.stringify(explained).length < 4096, 'some kilobytes at most')
  }
})

t.test('of a choice of nobody nothing is kept', async (t) => {
  t.equal(placementFor({ to: 'any', because: 'x' }, { strategy: 'pull', attempt: 1 }), undefined)
})
