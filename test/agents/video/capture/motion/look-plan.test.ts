import t from 'tap'
import {
  createLookPlan,
  type Look,
  type LookPlan,
  WISHES,
} from '../../../../../services/agents/video/capture/motion/look-plan.ts'

/** Ten frames a second. @returns what was decided about each */
function run(plan: LookPlan, fromMs: number, toMs: number, moves = false): Look[] {
  const looks: Look[] = []
  for (let atMs = fromMs; atMs < toMs; atMs += 100) {
    const verdict = plan.decide(atMs, moves)
    if (verdict !== 'unneeded') plan.looked(atMs, verdict)
    looks.push(verdict)
  }
  return looks
}
const count = (looks: readonly Look[], of: Look) => looks.filter((look) => look === of).length

t.test('every frame that moves, and one in two seconds of those that do not', async (t) => {
  const plan = createLookPlan({ idleMs: 2000 })
  t.equal(count(run(plan, 0, 3000, true), 'motion'), 30)
  const still = run(plan, 3000, 23_000)
  t.equal(count(still, 'heartbeat'), 10)
  t.equal(count(still, 'unneeded'), 190)
})

t.test('as often as the tracker wants, while it says so', async (t) => {
  const plan = createLookPlan({ idleMs: 2000 })
  run(plan, 0, 1000, true)
  plan.wish({ lookAgainMs: 1000 })
  t.equal(count(run(plan, 1000, 5000), 'wanted'), 4)
  t.equal(count(run(plan, 9000, 19_000), 'wanted'), 0, 'without a word for long it wants nothing')
})

t.test('what is never certain has a burst, and then little more than a still picture', async (t) => {
  const plan = createLookPlan({ idleMs: 2000 })
  run(plan, 0, 1000, true)
  let wanted = 0
  for (let atMs = 1000; atMs < 61_000; atMs += 1000) {
    plan.wish({ lookAgainMs: 0 })
    wanted += count(run(plan, atMs, atMs + 1000), 'wanted')
  }
  t.ok(wanted >= WISHES.most && wanted <= WISHES.most + 60 * WISHES.perSecond, `${wanted} in a minute`)
})

t.test('a look that could not be made is made with the next frame', async (t) => {
  const plan = createLookPlan({ idleMs: 2000 })
  run(plan, 0, 1000, true)
  t.equal(plan.decide(3000, false), 'heartbeat')
  t.equal(plan.decide(3100, false), 'heartbeat')
  plan.looked(3100, 'heartbeat')
  t.equal(plan.decide(3200, false), 'unneeded')
})

t.test('a slow camera is looked at whenever it comes', async (t) => {
  const plan = createLookPlan({ idleMs: 2000 })
  t.strictSame(
    [0, 5000, 10_000].map((atMs) => {
      const verdict = plan.decide(atMs, false)
      plan.looked(atMs, verdict)
      return verdict
    }),
    ['heartbeat', 'heartbeat', 'heartbeat'],
  )
})
