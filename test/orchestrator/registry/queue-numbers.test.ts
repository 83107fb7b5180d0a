import t from 'tap'
import type { AgentView } from '#schemas/agent.ts'
import { QueueNumbers } from '../../../services/orchestrator/registry/queue-numbers.ts'
import { createManualClock } from '../../../services/platform/clock/manual-clock.ts'
import { MemoryLockStore } from '../../../services/platform/locks/memory-lock-store.ts'
import { heartbeatOf } from '../../support/dispatch-fixture.ts'

t.test(
  'each instance has a number of its own; the same again; one of the dead is given away anew',
  async (t) => {
    const clock = createManualClock()
    let views: AgentView[] = []
    const numbers = new QueueNumbers({
      locks: new MemoryLockStore(clock),
      list: async () => views,
      filled: async () => new Set(),
    })
    t.strictSame([await numbers.assign('x', 'a'), await numbers.assign('x', 'b')], [0, 1])
    t.equal(await numbers.assign('x', 'a'), 0)
    t.equal(await numbers.assign('y', 'c'), 0, 'each type has its own')
    views = [{ ...heartbeatOf('x', 'b', { queue: 1 }), lastSeenMs: 0 }]
    await clock.advance(11_000)
    t.strictSame(
      [await numbers.assign('x', 'd'), await numbers.assign('x', 'b')],
      [0, 1],
      'a is not heard of',
    )
    for (let i = 2; i < 16; i++) t.equal(await numbers.assign('x', `more-${i}`), i)
    t.equal(await numbers.assign('x', 'one-too-many'), undefined)
    views = [{ ...heartbeatOf('x', 'b', { queue: 1, status: 'stopped' }), lastSeenMs: 0 }]
  },
)

t.test('without a registry nobody gets one: what is for any is taken all the same', async (t) => {
  const locks = new MemoryLockStore(createManualClock())
  const list = async () => Promise.reject(new Error('away'))
  t.equal(await new QueueNumbers({ locks, list, filled: async () => new Set() }).assign('x', 'a'), undefined)
})

t.test(
  'the queue of a dead instance in which something lies is given away last, and is its own when it comes back',
  async (t) => {
    const clock = createManualClock()
    let views: AgentView[] = []
    let filled = async (type: string): Promise<ReadonlySet<number>> => new Set(type === 'x' ? [0, 1] : [])
    const numbers = new QueueNumbers({
      locks: new MemoryLockStore(clock),
      list: async () => views,
      filled: (type) => filled(type),
    })
    t.equal(await numbers.assign('x', 'new'), 2, 'two have left something')
    t.equal(await numbers.assign('y', 'other'), 0)
    views = [{ ...heartbeatOf('x', 'back', { queue: 1 }), lastSeenMs: 0 }]
    t.equal(await numbers.assign('x', 'back'), 1)
    for (let i = 3; i < 16; i++) t.equal(await numbers.assign('x', `more-${i}`), i)
    t.equal(await numbers.assign('x', 'last'), 0, 'sooner than none')
    filled = async () => Promise.reject(new Error('away'))
    t.equal(await numbers.assign('y', 'next'), 1, 'who knows, when nobody says')
  },
)

const distinct = Array.from({ length: 16 }, (_, i) => i)

t.test('instances that ask several orchestrators at the same moment get different numbers', async (t) => {
  const locks = new MemoryLockStore(createManualClock())
  const filled = async () => new Set<number>()
  const all = [1, 2, 3].map(() => new QueueNumbers({ locks, list: async () => [], filled }))
  const given = await Promise.all(distinct.map((i) => all[i % 3]!.assign('x', `i-${i}`)))
  t.strictSame(
    given.toSorted((a, b) => a! - b!),
    distinct,
  )
})

t.test('an orchestrator that was held up between reading and claiming looks again', async (t) => {
  const clock = createManualClock()
  const locks = new MemoryLockStore(clock)
  const filled = async () => new Set<number>()
  let views: AgentView[] = []
  const read = Promise.withResolvers<AgentView[]>()
  let isFirst = true
  const slow = new QueueNumbers({
    locks,
    filled,
    list: async () => {
      const [late, now] = [isFirst, views]
      isFirst = false
      return late ? read.promise : now
    },
  })
  const second = slow.assign('x', 'second')
  t.equal(await new QueueNumbers({ locks, filled, list: async () => views }).assign('x', 'first'), 0)
  views = [{ ...heartbeatOf('x', 'first', { queue: 0 }), lastSeenMs: 0 }]
  await clock.advance(11_000)
  read.resolve([])
  t.equal(await second, 1, 'the claim of the first has ended, and its heartbeats show what it has')
})

t.test('nobody can claim just now: it has none, and what is for any is taken all the same', async (t) => {
  const locks = { acquire: async () => Promise.reject(new Error('away')) }
  const numbers = new QueueNumbers({ locks, list: async () => [], filled: async () => new Set() })
  t.equal(await numbers.assign('x', 'a'), undefined)
})
