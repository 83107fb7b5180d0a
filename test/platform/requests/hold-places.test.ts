import t from 'tap'
import { HoldPlaces } from '#platform/requests/hold-places.ts'

t.test('there are so many places, and a tenant has its share of them', async (t) => {
  const places = new HoldPlaces({ most: 3, mostOfTenant: 2 })
  const first = places.take('north')!
  t.ok(places.take('north'))
  t.equal(places.take('north'), undefined, 'its share is taken')
  t.ok(places.take('south'))
  t.equal(places.take('east'), undefined, 'all are taken')
  t.equal(places.taken, 3)
  first()
  first()
  t.equal(places.taken, 2, 'given back once')
  t.ok(places.take('north'))
})
