import t from 'tap'
import {
  createLookPlan,
  type Look,
  type LookPlan,
  WISHES,
} from '../../../../../services/agents/video/capture/motion/look-plan.ts'
import type { Movement } from '../../../../../services/agents/video/capture/motion/motion-detector.ts'

/** Ten frames a second. @returns what was decided about each */
function run(plan: LookPlan, fromMs: number, toMs: number, movement: Movement = 'none'): Look[] {
  const looks: Look[] = []
  for (let atMs = fromMs; atMs < toMs; atMs += 100) {
    const verdict = plan.decide(atMs, movement)
    if (verdict !== 'unneeded' && verdict !== 'spared') plan.looked(atMs, verdict)
    looks.push(verdict)
  }
  return looks
}
const count = (looks: readonly Look[], of: Look) => looks.filter((look) => look === of).length

t.test('every frame that moves, and one in two seconds of those that do not', async (t) => {
  const plan = createLookPlan({ idleMs: 2000 })
  t.equal(count(run(plan, 0, 3000, 'new'), 'motion'), 30)
  const still = run(plan, 3000, 23_000)
  t.equal(count(still, 'heartbeat'), 10)
  t.equal(count(still, 'unneeded'), 190)
})

t.test('as often as the tracker wants, while it says so', async (t) => {
  const plan = createLookPlan({ idleMs: 2000 })
  run(plan, 0, 1000, 'new')
  plan.wish({ lookAgainMs: 1000 })
  t.equal(count(run(plan, 1000, 5000), 'wanted'), 4)
  t.equal(count(run(plan, 9000, 19_000), 'wanted'), 0, 'without a word for long it wants nothing')
})

t.test('what is never certain has a burst, and then little more than a still picture', async (t) => {
  const plan = createLookPlan({ idleMs: 2000 })
  run(plan, 0, 1000, 'new')
  let wanted = 0
  for (let atMs = 1000; atMs < 61_000; atMs += 1000) {
    plan.wish({ lookAgainMs: 0 })
    wanted += count(run(plan, atMs, atMs + 1000), 'wanted')
  }
  t.ok(wanted >= WISHES.most && wanted <= WISHES.most + 60 * WISHES.perSecond, `${wanted} in a minute`)
})

t.test('a look that could not be made is made with the next frame', async (t) => {
  const plan = createLookPlan({ idleMs: 2000 })
  run(plan, 0, 1000, 'new')
  t.equal(plan.decide(3000, 'none'), 'heartbeat')
  t.equal(plan.decide(3100, 'none'), 'heartbeat')
  plan.looked(3100, 'heartbeat')
  t.equal(plan.decide(3200, 'none'), 'unneeded')
})

t.test('a slow camera is looked at whenever it comes', async (t) => {
  const plan = createLookPlan({ idleMs: 2000 })
  t.strictSame(
    [0, 5000, 10_000].map((atMs) => {
      const verdict = plan.decide(atMs, 'none')
      plan.looked(atMs, verdict)
      return verdict
    }),
    ['heartbeat', 'heartbeat', 'heartbeat'],
  )
})

t.test(
  'what is familiar is looked at as often as the tracker wants, what is new frame by frame',
  async (t) => {
    const plan = createLookPlan({ idleMs: 2000 })
    run(plan, 0, 1000, 'new')
    plan.wish({ lookAgainMs: 0, lookMovingMs: 200 })
    const familiar = run(plan, 1000, 2000, 'familiar')
    t.equal(count(familiar, 'motion'), 5)
    t.equal(count(familiar, 'spared'), 5)
    plan.wish({ lookAgainMs: 0, lookMovingMs: 200 })
    t.equal(count(run(plan, 2000, 3000, 'new'), 'motion'), 10)
    plan.wish({ lookAgainMs: 0, lookMovingMs: 0 })
    t.equal(count(run(plan, 3000, 4000, 'familiar'), 'motion'), 10, 'something is not certain')
    plan.wish({ lookAgainMs: 0 })
    t.equal(count(run(plan, 4000, 5000, 'familiar'), 'motion'), 10, 'a tracker of a release before')
  },
)

t.test('a wish holds for a second while something moves', async (t) => {
  const plan = createLookPlan({ idleMs: 2000 })
  run(plan, 0, 1000, 'new')
  plan.wish({ lookAgainMs: 0, lookMovingMs: 200 })
  run(plan, 1000, 2100, 'familiar')
  t.equal(count(run(plan, 2100, 3000, 'familiar'), 'motion'), 9)
})

t.test('a movement never ends with a frame that was spared', async (t) => {
  const plan = createLookPlan({ idleMs: 2000 })
  run(plan, 0, 1000, 'new')
  plan.wish({ lookAgainMs: 60_000, lookMovingMs: 200 })
  t.strictSame(run(plan, 1000, 1100, 'familiar'), ['spared'])
  t.strictSame(run(plan, 1100, 1300), ['motion', 'unneeded'])
})
