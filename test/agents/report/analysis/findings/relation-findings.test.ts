import t from 'tap'
import {
  listedRelations,
  relationLosses,
} from '../../../../../services/agents/report/analysis/findings/relation-findings.ts'
import { normalNumbers } from '../normal-numbers.ts'
import { relationsOf, relationTable } from '../relations/relation-tables.ts'

const N = 120
const rows = Array.from({ length: N }, (_, i) => i)
const measure = (seed: number) => [...normalNumbers(N, seed)]

t.test('every pair of columns is asked once', async (t) => {
  const found = relationsOf(
    relationTable({
      a: measure(1),
      b: measure(2),
      region: rows.map((i) => `r${(i * 31) % 3}`),
      paid: rows.map((i) => (i * 7919) % 2),
    }),
  )
  const listed = listedRelations([found])
  t.strictSame(
    listed.correlations.map(({ a, b }) => [a, b]),
    [['a', 'b']],
  )
  t.strictSame(listed.differences.map(({ measure, category }) => `${measure} by ${category}`).sort(), [
    'a by paid',
    'a by region',
    'b by paid',
    'b by region',
  ])
  t.match(listed.associations, [{ outcome: 'paid', by: 'region' }])
  t.strictSame(relationLosses(found), [])
})

t.test('humps are tested and counted, and not listed as correlations', async (t) => {
  const { correlations } = relationsOf(relationTable({ a: measure(1), b: measure(2) }))
  t.equal(correlations.pValues.length + correlations.humpPValues.length, 3)
  t.equal(correlations.findings.length, 3)
})

t.test('what is defined together is not asked', async (t) => {
  const table = relationTable({ part: measure(1), total: measure(2) }, { definedTogether: () => true })
  t.equal(relationsOf(table).correlations.pValues.length, 0)
})

t.test('what is left out is said', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 502 }, (_, i) => [`m${i}`, measure(i).slice(0, 8)]))
  const losses = relationLosses(relationsOf(relationTable(many)))
  t.match(losses, [/among the first 500 measures; 2 more are not/])
})

t.test(
  'clusters: an attribute of the customer is compared between customers, a choice within them',
  async (t) => {
    const customer = rows.map((i) => `c${i % 20}`)
    const level = normalNumbers(20, 5)
    const region = rows.map((i) => (i % 20 < 10 ? 'North' : 'South'))
    const offer = rows.map((i) => (Math.floor(i / 20) % 2 === 0 ? 'yes' : 'no'))
    const spent = rows.map((i) => 5 * level[i % 20]! + (offer[i] === 'yes' ? 2 : 0) + normalNumbers(N, 6)[i]!)
    const { differences, associations } = relationsOf(
      relationTable(
        { customer, region, offer, spent },
        { columns: [{ name: 'customer', role: 'identifier' }] },
      ),
    )
    const by = (factor: string) =>
      differences.findings.find(({ difference }) => difference.category === factor)
    t.match(by('region'), { unit: 'customer', difference: { groups: [{ count: 10 }, { count: 10 }] } })
    t.match(by('offer')?.difference, { method: 'rank score test, clustered by customer' })
    t.ok(by('offer')!.difference.pValue < 1e-4)
    t.ok(by('region')!.difference.pValue > 0.001)
    t.ok(associations.findings.every(({ association }) => association.pValue > 0.05))
  },
)

t.test('a series: what differs between its moments is tested with its memory', async (t) => {
  const date = rows.map((i) => Date.UTC(2024, 0, 1 + i))
  const shift = rows.map((i) => (i % 2 === 0 ? 'early' : 'late'))
  const yes = rows.map((i) => ((i + (i % 11 === 0 ? 1 : 0)) % 2 === 0 ? 'yes' : 'no'))
  const { differences, associations } = relationsOf(
    relationTable({ date, shift, failed: yes, v: measure(8) }),
  )
  t.match(differences.findings[0], { unit: 'moment' })
  t.match(associations.findings[0], { unit: 'moment', association: { outcome: 'failed', by: 'shift' } })
})
