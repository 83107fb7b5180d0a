import fc from 'fast-check'
import t from 'tap'
import { PlacesByKind } from '../../../services/orchestrator/dispatch/places-by-kind.ts'

t.test('beyond the places of all, each kind has some of its own', async (t) => {
  const places = new PlacesByKind({ max: 100, own: 1000 })
  while (places.roomFor('away') > 0) places.add('away', 1)
  t.equal(places.total, 100)
  t.equal(places.roomFor('x'), 50, 'half of them: there are two')
  places.add('x', 50)
  t.equal(places.roomFor('x'), 0)
  t.equal(places.roomFor('y'), 34, 'a third of them')
  places.add('x', -1)
  t.equal(places.roomFor('x'), 1)
  places.add('away', -100)
  t.equal(places.total, 49)
  t.equal(places.roomFor('away'), 51, 'what is free')
  places.clear()
  t.equal(places.roomFor('x'), 100)
})

t.test('no more of its own than it is given', async (t) => {
  const places = new PlacesByKind({ max: 100, own: 5 })
  places.add('away', 100)
  t.equal(places.roomFor('x'), 5)
})

t.test(
  'whatever comes and goes: whoever has nothing waiting may wait, and all of them are bounded',
  async (t) => {
    const agents = ['a', 'b', 'c', 'd', 'e', 'f']
    const moves = fc.array(fc.tuple(fc.constantFrom(...agents), fc.boolean()), { maxLength: 600 })
    fc.assert(
      fc.property(moves, (all) => {
        const places = new PlacesByKind({ max: 60, own: 1000 })
        const own = new Map<string, number>()
        for (const [agent, isMore] of all) {
          const waiting = own.get(agent) ?? 0
          if (waiting === 0 && places.roomFor(agent) === 0) return false
          const change = isMore ? Number(places.roomFor(agent) > 0) : -Number(waiting > 0)
          places.add(agent, change)
          own.set(agent, waiting + change)
        }
        const total = [...own.values()].reduce((sum, count) => sum + count, 0)
        // The harmonic sum of six shares.
        return places.total === total && total <= 60 * 2.6
      }),
    )
    t.pass()
  },
)
