import t from 'tap'
import { Places } from '../../../services/edge/access/places.ts'

t.test('each has its own places, and none of another', async (t) => {
  const places = new Places()
  const leave = places.take('a', 2)
  t.ok(leave)
  t.ok(places.take('a', 2))
  t.equal(places.take('a', 2), undefined)
  t.ok(places.take('b', 2))
  leave?.()
  leave?.()
  t.equal(places.of('a'), 1, 'given back once')
  t.ok(places.take('a', 2))
})

t.test('several at once, all or none', async (t) => {
  const places = new Places()
  t.ok(places.take('a', 10, 8))
  t.equal(places.take('a', 10, 3), undefined)
  t.equal(places.of('a'), 8)
  places.giveBack('a', 8)
  t.equal(places.of('a'), 0)
})
