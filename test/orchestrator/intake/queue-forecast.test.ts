import t from 'tap'
import type { Plan, Priority } from '#schemas/plan.ts'
import type { AgentWork, Brought } from '../../../services/orchestrator/intake/agent-work.ts'
import {
  type AgentCapacity,
  predictedMs,
  QueueForecast,
} from '../../../services/orchestrator/intake/queue-forecast.ts'

const counts = (of: Partial<Record<Priority, number>>) => [of[0] ?? 0, of[1] ?? 0, of[2] ?? 0, of[3] ?? 0]
const workOf = (about: Partial<Record<keyof AgentWork, Partial<Record<Priority, number>>>>): AgentWork => ({
  ready: counts(about.ready ?? {}),
  later: counts(about.later ?? {}),
  done: counts(about.done ?? {}),
})

interface About {
  forecast?: QueueForecast
  slots?: number
  orchestrators?: number
  fromMs?: number
  offset?: number
  waiting?: number
}

/** An agent type `x` with a backlog for three seconds that does `perSecond` steps, with so much to do at each sample. */
function busy(work: Omit<Parameters<typeof workOf>[0], 'done'>, perSecond: number, about: About = {}) {
  const { forecast = new QueueForecast(), slots = 8, orchestrators = 1, fromMs = 0 } = about
  forecast.observeQueues(new Map([['x', { waiting: about.waiting ?? 1, inWork: slots }]]))
  for (let ms = 0; ms <= 3000; ms += 500) {
    const done = { 2: ((fromMs + ms) * perSecond) / 1000 }
    const sample = new Map([['x', workOf({ ...work, done })]])
    forecast.observeWork({ atMs: fromMs + ms, work: sample, offsets: [about.offset ?? 0], orchestrators })
  }
  return forecast
}
const brings = (ready: number, all = ready) => new Map<string, Brought>([['x', { ready, all }]])

t.test(
  'the wait is what is ready before it, at the rate of the last seconds; lower priorities stand behind',
  async (t) => {
    const forecast = busy({ ready: { 0: 10, 1: 90, 2: 500 } }, 20)
    t.match(forecast.estimate('x', 0), { waitMs: 300, serviceMs: 400 }, 'half of those in hand is done')
    t.match(forecast.estimate('x', 1), { waitMs: 4800 })
    t.match(forecast.estimate('x', 2), { waitMs: 29_800, everyMs: 50 })
    t.equal(forecast.estimate('y', 1), undefined, 'nothing is known of it')
  },
)

t.test('what is still to come of tasks that were let in before has to be done before, too', async (t) => {
  const forecast = busy({ ready: { 2: 20 }, later: { 1: 60, 3: 1000 } }, 20)
  t.match(forecast.estimate('x', 2), { waitMs: 800, clearedMs: 4000 })
  t.match(forecast.estimate('x', 0), { waitMs: 0, clearedMs: 0 })
})

t.test('what instances have in hand soon is no wait', async (t) => {
  t.match(busy({ ready: { 2: 7 } }, 20).estimate('x', 2), { waitMs: 0, clearedMs: 0 })
  t.match(busy({ ready: { 2: 9 } }, 20).estimate('x', 2), { waitMs: 250 })
})

t.test('more urgent work that comes meanwhile goes first, and leaves every priority its share', async (t) => {
  const forecast = new QueueForecast()
  forecast.observeQueues(new Map([['x', { waiting: 9, inWork: 0 }]]))
  for (let s = 0; s <= 5; s++) {
    const work = workOf({ ready: { 2: 100 }, done: { 0: 15 * s, 2: 5 * s } })
    forecast.observeWork({ atMs: s * 1000, work: new Map([['x', work]]), offsets: [], orchestrators: 1 })
  }
  t.equal(Math.round(forecast.estimate('x', 2)!.waitMs), 20_000, '5 of 20 a second are left for it')
  for (let s = 6; s <= 26; s++) {
    const work = workOf({ ready: { 0: 40 * (s - 5), 2: 100 }, done: { 0: 75 + 19 * (s - 5), 2: 25 + s - 5 } })
    forecast.observeWork({ atMs: s * 1000, work: new Map([['x', work]]), offsets: [], orchestrators: 1 })
  }
  t.equal(Math.round(1000 / forecast.estimate('x', 2)!.everyMs), Math.round(20 / 18), 'they starve nobody')
})

t.test(
  'what was let in since the last sample counts, until a sample has it; and what others let in unseen',
  async (t) => {
    const alone = busy({ ready: { 2: 100 } }, 20, { slots: 0 })
    const admitted = Array.from({ length: 20 }, () => alone.onAdmitted(2, brings(1, 3)))
    t.match(alone.estimate('x', 2), { waitMs: 6000, clearedMs: 8000 })
    t.match(alone.estimate('x', 1), { waitMs: 0 })
    for (const [i, one] of admitted.entries())
      if (i < 10) one.withdrawn()
      else one.stored(0, i)
    t.match(alone.estimate('x', 2), { waitMs: 5500, clearedMs: 6500 })
    busy({ ready: { 2: 100 } }, 20, { forecast: alone, slots: 0, fromMs: 3000, offset: 14 })
    t.match(alone.estimate('x', 2), { waitMs: 5250 }, 'five of them are not in it yet')
    const two = busy({ ready: { 2: 100 } }, 20, { slots: 0, orchestrators: 2 })
    for (let i = 0; i < 20; i++) two.onAdmitted(2, brings(1))
    t.match(two.estimate('x', 2), { waitMs: 7000 })
  },
)

t.test(
  'before a rate was seen, a third of what slots can do is counted on; where that is not known either, nothing',
  async (t) => {
    const forecast = new QueueForecast()
    const capacity: { of: AgentCapacity | undefined } = { of: undefined }
    const see = (atMs: number) =>
      forecast.observeWork({
        ...{ atMs, offsets: [], orchestrators: 1, capacityOf: () => capacity.of },
        work: new Map([['x', workOf({ ready: { 2: 101 } })]]),
      })
    see(0)
    t.equal(forecast.estimate('x', 2), undefined)
    capacity.of = { slots: 2, serviceMs: 100 / 3 }
    see(250)
    t.equal(Math.round(forecast.estimate('x', 2)!.waitMs), 5000)
  },
)

t.test('a rate is remembered when the backlog is gone', async (t) => {
  const forecast = busy({ ready: { 2: 100 } }, 20, { slots: 0 })
  forecast.observeQueues(new Map())
  forecast.observeWork({ atMs: 9000, work: new Map(), offsets: [], orchestrators: 1 })
  t.match(forecast.estimate('x', 2), { waitMs: 0, clearedMs: 0 })
  for (let i = 0; i < 100; i++) forecast.onAdmitted(2, brings(1))
  t.match(forecast.estimate('x', 2), { waitMs: 5000 }, 'a crowd that comes at once')
})

t.test('a plan takes as long as its longest path', async (t) => {
  const plan: Plan = {
    steps: [
      { id: 'a', agent: 'x' },
      { id: 'b', agent: 'y' },
      { id: 'c', agent: 'x', needs: ['a', 'b'] },
      { id: 'd', agent: 'free', needs: ['c'] },
    ],
  }
  const estimates = {
    x: { waitMs: 100, clearedMs: 0, serviceMs: 10, everyMs: 1 },
    y: { waitMs: 1000, clearedMs: 0, serviceMs: 1, everyMs: 1 },
  }
  const brought = new Map([
    ['x', { ready: 1, all: 2 }],
    ['y', { ready: 1, all: 1 }],
  ])
  t.equal(
    predictedMs(plan, brought, (agent) => estimates[agent as 'x' | 'y']),
    1111,
  )
  estimates.x.clearedMs = 5000
  t.equal(
    predictedMs(plan, brought, (agent) => estimates[agent as 'x' | 'y']),
    5121,
    'a queue that will have built up when it comes there',
  )
  t.equal(
    predictedMs(plan, brought, () => undefined),
    0,
  )
})
