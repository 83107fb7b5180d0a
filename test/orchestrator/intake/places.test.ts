import fc from 'fast-check'
import t from 'tap'
import {
  NOBODY,
  type PlaceChange,
  Places,
  type Visitor,
} from '../../../services/orchestrator/intake/places.ts'

const one = (line = 'x') => new Map([[line, { units: 1, leftMs: 1000 }]])
const visitor = (key: string, about: Partial<Visitor> = {}): Visitor => ({
  ...{ tenant: 'north', key, isUnique: true },
  ...about,
})
const refused = (places: Places, who: Visitor, waitMs = 1000, nowMs = 0) =>
  places.keep(who, one(), { waitMs, nowMs })

t.test('who waits is before those who come later, and nobody is before the first', async (t) => {
  const places = new Places('one')
  t.equal(places.view({ tenant: 'north' }, 0), NOBODY)
  for (const key of ['a', 'b', 'c']) refused(places, visitor(key))
  const ahead = (key: string) => places.view(visitor(key), 0).ahead('x')
  t.strictSame(['a', 'b', 'c', 'd'].map(ahead), [0, 1, 2, 3])
  t.equal(places.view(visitor('d'), 0).ahead('another line'), 0)
  places.take(visitor('a'), 1000)
  t.strictSame(['b', 'c', 'd'].map(ahead), [0, 1, 2])
})

t.test('those are due who are to come within a second', async (t) => {
  const places = new Places('one')
  refused(places, visitor('a'), 1000)
  refused(places, visitor('b'), 5000)
  const due = (nowMs: number) => places.view({ tenant: 'north' }, nowMs).due('x')
  t.strictSame([0, 3000, 4000, 6000].map(due), [1, 1, 2, 2])
  t.equal(places.view(visitor('a'), 4000).due('x'), 0, 'nobody is before the first')
})

t.test('who comes when he was told to is known, and a little before that', async (t) => {
  const places = new Places('one')
  refused(places, visitor('a'), 1000, 0)
  t.equal(places.view(visitor('a'), 600).isDue, false)
  t.equal(places.view(visitor('a'), 800).isDue, true)
  t.equal(places.view(visitor('a'), 3000).isDue, true)
  t.equal(places.view(visitor('b'), 3000).isDue, false)
  refused(places, visitor('a'), 5000, 3000)
  t.equal(places.size, 1, 'refused again, he goes on to have his place')
  t.equal(places.view(visitor('a'), 4000).isDue, false)
  t.equal(places.view(visitor('a'), 8000).isDue, true)
})

t.test('the same that many may submit: who comes before the time of the first is another one', async (t) => {
  const places = new Places('one')
  const same = visitor('body', { isUnique: false })
  refused(places, same, 1000, 0)
  refused(places, same, 2000, 0)
  t.equal(places.size, 2)
  t.equal(places.view(same, 500).ahead('x'), 2)
  t.equal(places.view(same, 1000).ahead('x'), 0)
  places.take(same, 1000)
  t.equal(places.view(same, 1000).ahead('x'), 1, 'the second has his time to come')
  t.equal(places.view(same, 2000).isDue, true)
})

t.test('a place is kept a while beyond its time', async (t) => {
  const places = new Places('one')
  refused(places, visitor('a'), 1000)
  refused(places, visitor('b'), 100_000)
  places.tidy(3900)
  t.equal(places.size, 2)
  places.tidy(4100)
  t.equal(places.size, 1)
  places.tidy(109_000)
  t.equal(places.size, 1, 'for longer, the longer he was to wait')
  places.tidy(111_000)
  t.equal(places.size, 0)
})

t.test('for those who do not come back less and less is kept', async (t) => {
  const places = new Places('one')
  for (let i = 0; i < 100; i++) refused(places, visitor(`gone ${i}`), 0, 0)
  places.tidy(5000)
  for (let i = 0; i < 10; i++) refused(places, visitor(`new ${i}`), 1000, 5000)
  t.ok(places.view({ tenant: 'north' }, 5000).ahead('x') < 0.1)
  for (let i = 0; i < 10; i++) refused(places, visitor(`south ${i}`, { tenant: 'south' }), 1000, 5000)
  t.ok(places.view({ tenant: 'south' }, 5000).ahead('x') >= 10, 'it is a matter of each tenant')
})

t.test('tenants take turns', async (t) => {
  const places = new Places('one')
  for (let i = 0; i < 50; i++) refused(places, visitor(`north ${i}`), 1000 + i * 100)
  const south = { tenant: 'south' }
  t.equal(places.view(south, 0).ahead('x'), 1, 'behind the first of the other')
  t.equal(places.view(south, 0).untilLastMs('x'), 1000)
  for (const key of ['a', 'b']) refused(places, visitor(key, south))
  t.equal(places.view(south, 0).ahead('x'), 2 + 3)
  t.equal(places.view(visitor('north 49'), 0).ahead('x'), 49 + 2)
})

t.test('so much may be done before those who wait that each finds what he was told', async (t) => {
  const places = new Places('one')
  t.equal(places.view({ tenant: 'north' }, 0).budgetMs('x', 100), Number.POSITIVE_INFINITY)
  // 1 s each, of which the first has 1 s left when he comes in 500 ms, and the second 1 s in 800 ms.
  refused(places, visitor('a'), 500)
  refused(places, visitor('b'), 800)
  const reserved = 1 - 0.4
  t.equal(places.view({ tenant: 'north' }, 0).budgetMs('x', 100), reserved * 1500)
  t.equal(places.view({ tenant: 'north' }, 0).budgetMs('x', 400), reserved * 1400)
  t.equal(places.view(visitor('a'), 0).budgetMs('x', 400), Number.POSITIVE_INFINITY)
})

t.test('ten thousand places at most, half of them of one tenant', async (t) => {
  const places = new Places('one')
  for (let i = 0; i < 6000; i++) refused(places, visitor(`${i}`))
  t.equal(places.size, 5000)
  for (let i = 0; i < 6000; i++) refused(places, visitor(`${i}`, { tenant: `t${i}` }))
  t.equal(places.size, 10_000)
  const alike = new Places('alike')
  for (let i = 0; i < 200; i++) refused(alike, visitor('body', { isUnique: false }))
  t.equal(alike.size, 100, 'of those who submit the same nobody knows how many they are')
  const wide = new Map(Array.from({ length: 65 }, (_, i) => [`line ${i}`, { units: 1 }]))
  const others = new Places('others')
  others.keep(visitor('a'), wide, { waitMs: 1, nowMs: 0 })
  t.equal(others.size, 0, 'what stands in too many lines gets no place')
})

t.test('whoever hears of all changes knows the same', async (t) => {
  const act = fc.record({
    what: fc.constantFrom('keep', 'take', 'tidy'),
    who: fc.integer({ min: 0, max: 8 }),
    tenant: fc.constantFrom('north', 'south'),
    isUnique: fc.boolean(),
    afterMs: fc.nat(3000),
    waitMs: fc.nat(10_000),
    line: fc.constantFrom('x', 'y'),
  })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const [here, there] = [new Places('here'), new Places('there')]
      let nowMs = 0
      for (const { what, who, tenant, isUnique, afterMs, waitMs, line } of acts) {
        nowMs += afterMs
        // A key is always of the same kind.
        const visits = visitor(`${isUnique} ${who}`, { tenant, isUnique })
        if (what === 'keep') here.keep(visits, one(line), { waitMs, nowMs })
        else if (what === 'take') here.take(visits, nowMs)
        else for (const places of [here, there]) places.tidy(nowMs)
        for (const change of here.changes()) there.hear(copied(change), nowMs)
        for (const whose of ['north', 'south', 'west'])
          for (const name of ['x', 'y']) {
            const [mine, theirs] = [here, there].map((places) => places.view({ tenant: whose }, nowMs))
            if (mine!.ahead(name) !== theirs!.ahead(name)) return false
            if (mine!.untilLastMs(name) !== theirs!.untilLastMs(name)) return false
          }
        if (here.size !== there.size) return false
      }
      return true
    }),
    { numRuns: 500 },
  )
  t.pass('500 histories')
})

/** As it comes over the wire. */
function copied({ id, refused: about }: PlaceChange): PlaceChange {
  return { id, ...(about && { refused: { ...about, needs: new Map(about.needs) } }) }
}
