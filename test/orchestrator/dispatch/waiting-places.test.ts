import fc from 'fast-check'
import t from 'tap'
import { WaitingPlaces } from '../../../services/orchestrator/dispatch/waiting-places.ts'

t.test('beyond the places of all, each agent type has some of its own', async (t) => {
  const places = new WaitingPlaces(100)
  while (places.hasRoom('away')) places.add('away', 1)
  t.equal(places.total, 100)
  t.ok(places.hasRoom('x'))
  while (places.hasRoom('x')) places.add('x', 1)
  t.equal(places.total, 134, 'a third of them: there are two, and one more may come')
  places.add('x', -1)
  t.ok(places.hasRoom('x'))
  places.add('away', -100)
  t.equal(places.total, 33)
  t.ok(places.hasRoom('away'))
})

t.test(
  'whatever comes and goes: whoever has nothing waiting may wait, and all of them are bounded',
  async (t) => {
    const agents = ['a', 'b', 'c', 'd', 'e', 'f']
    const moves = fc.array(fc.tuple(fc.constantFrom(...agents), fc.boolean()), { maxLength: 600 })
    fc.assert(
      fc.property(moves, (all) => {
        const places = new WaitingPlaces(60)
        const own = new Map<string, number>()
        for (const [agent, isMore] of all) {
          const waiting = own.get(agent) ?? 0
          if (waiting === 0 && !places.hasRoom(agent)) return false
          const change = isMore ? Number(places.hasRoom(agent)) : -Number(waiting > 0)
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
