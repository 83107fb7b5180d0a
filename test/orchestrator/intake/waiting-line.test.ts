import fc from 'fast-check'
import t from 'tap'
import { type Place, WaitingLine } from '../../../services/orchestrator/intake/waiting-line.ts'

const place = (tenant: string, about: { units?: number; dueMs?: number; leftMs?: number } = {}): Place => {
  const { units = 1, dueMs = 1000, leftMs = 500 } = about
  return { id: '', tenant, key: '', needs: new Map([['x', { units, leftMs }]]), dueMs, untilMs: dueMs + 3000 }
}
const everybodyComes = () => 1

t.test('units of those ahead, as far as they come', async (t) => {
  const line = new WaitingLine('x', (tenant) => (tenant === 'north' ? 1 : 0.5))
  t.equal(line.unitsAhead('north'), 0)
  for (let i = 0; i < 4; i++) line.add(place('north', { units: 3 }))
  line.add(place('south', { units: 3 }))
  t.equal(line.unitsAhead('north'), 3 * 4 + 1.5)
  t.equal(line.unitsAhead('south'), 3 * 2 + 1.5)
})

t.test('the last of those ahead', async (t) => {
  const line = new WaitingLine('x', everybodyComes)
  t.equal(line.lastDueMs('north'), undefined)
  const places = [
    place('north', { dueMs: 100 }),
    place('north', { dueMs: 200 }),
    place('north', { dueMs: 300 }),
  ]
  for (const one of places) line.add(one)
  t.equal(line.lastDueMs('north'), 300)
  t.equal(line.lastDueMs('north', places[1]!), 100)
  t.equal(line.lastDueMs('north', places[0]!), undefined)
  t.equal(line.lastDueMs('south'), 100, 'behind the first of each other tenant')
})

t.test('of many, each position once: tenants take turns whatever their numbers are', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('north', 'south', 'west'), { minLength: 1, maxLength: 60 }),
      (tenants) => {
        const line = new WaitingLine('x', everybodyComes)
        const places = tenants.map((tenant) => place(tenant))
        for (const one of places) line.add(one)
        const numbers = new Map<string, number>()
        return places.every((one) => {
          const turn = numbers.get(one.tenant) ?? 0
          numbers.set(one.tenant, turn + 1)
          const others = ['north', 'south', 'west']
            .filter((tenant) => tenant !== one.tenant)
            .map((tenant) => Math.min(turn + 1, tenants.filter((of) => of === tenant).length))
          return line.unitsAhead(one.tenant, one) === turn + others.reduce((a, b) => a + b, 0)
        })
      },
    ),
  )
  t.pass('a hundred lines')
})

t.test('nothing is left of those who have gone', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(3), { maxLength: 40 }), (tenants) => {
      const line = new WaitingLine('x', everybodyComes)
      const places = tenants.map((n, i) => place(`t${n}`, { units: i }))
      for (const one of places) line.add(one)
      for (const one of places.toSorted((a, b) => a.tenant.localeCompare(b.tenant))) line.remove(one)
      return line.isEmpty && line.unitsAhead('t0') === 0 && line.lastDueMs('t0') === undefined
    }),
  )
  t.pass('a hundred lines')
})
