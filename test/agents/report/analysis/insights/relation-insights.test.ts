import t from 'tap'
import { normalNumbers } from '../normal-numbers.ts'
import { insightsOf } from '../relations/relation-tables.ts'

const N = 240
const rows = Array.from({ length: N }, (_, i) => i)
const noise = (seed: number) => normalNumbers(N, seed)

t.test('nothing goes with anything: nothing is said', async (t) => {
  const columns = {
    a: [...noise(1)],
    b: [...noise(2)],
    c: rows.map((i) => `g${(i * 7919) % 3}`),
    d: [...noise(3)],
  }
  t.strictSame(insightsOf(columns), [])
})

t.test('Simpson: a difference that is the other way round within a third column says both', async (t) => {
  // Treatment B gets the easy cases. Within each severity A does better.
  const severity = rows.map((i) => (i % 2 === 0 ? 'mild' : 'severe'))
  const treatment = rows.map((i) => (i % 2 === (i % 10 < 8 ? 0 : 1) ? 'B' : 'A'))
  const score = rows.map(
    (i) => (severity[i] === 'mild' ? 80 : 40) + (treatment[i] === 'A' ? 8 : 0) + 2 * noise(4)[i]!,
  )
  const insight = insightsOf({ severity, treatment, score }).find(({ evidence }) => evidence.reversedWithin)
  t.match(
    insight?.statement,
    /Within severity it is the other way round: A is above B in 2 of 2 groups of severity/,
  )
  t.match(insight?.statement, /median is .* for treatment B and .* for treatment A/)
})

t.test('Simpson: correlations', async (t) => {
  const shop = rows.map((i) => `shop ${i % 3}`)
  const price = rows.map((i) => 10 * (i % 3) + noise(5)[i]!)
  const sold = rows.map((i) => 100 + 60 * (i % 3) - 4 * noise(5)[i]! + noise(6)[i]!)
  const insight = insightsOf({ shop, price, sold }).find(({ kind }) => kind === 'correlation')
  t.match(insight?.statement, /price is high where sold is high/)
  t.match(
    insight?.statement,
    /Within shop it is the other way round: one falls where the other rises in 3 of 3 groups/,
  )
})

t.test('of columns that say the same only the best is told', async (t) => {
  const country = rows.map((i) => ['DE', 'FR', 'IT'][i % 3]!)
  const code = rows.map((i) => [49, 33, 39][i % 3]!)
  const city = rows.map((i) => `${country[i]}-${(i >> 2) % 3}`)
  const income = rows.map((i) => 10 * (i % 3) + noise(7)[i]!)
  const spending = income.map((value, i) => 2 * value + noise(8)[i]!)
  const differences = insightsOf({ country, code: code.map(String), city, income, spending }).filter(
    ({ kind }) => kind === 'difference',
  )
  t.equal(differences.length, 1, differences.map(({ statement }) => statement).join('\n'))
  t.match(differences[0]?.statement, /differs by country: .* Likewise/)
})

t.test('a hump', async (t) => {
  const dose = [...noise(9)]
  const effect = dose.map((value, i) => -value * value + 0.3 * noise(10)[i]!)
  t.match(insightsOf({ dose, effect }), [
    { statement: /effect in t.csv is high where dose is in the middle/ },
  ])
})

t.test('series: common trends are nothing, common news are', async (t) => {
  const date = rows.map((i) => Date.UTC(2024, 0, 1 + i))
  const up = rows.map((i) => 5 * i + noise(11)[i]!)
  const down = rows.map((i) => -3 * i + noise(12)[i]!)
  t.strictSame(insightsOf({ date, up, down }), [])
  const follows = up.map((value, i) => value + 2 * noise(11)[i]! + noise(13)[i]!)
  t.match(
    insightsOf({ date, up, follows })[0]?.statement,
    /up and follows in t.csv move together, also in what their own courses leave/,
  )
})

t.test('rows of the same customer count once', async (t) => {
  const customer = rows.map((i) => `c${i % 12}`)
  const level = normalNumbers(12, 14)
  const spent = rows.map((i) => 10 * level[i % 12]! + noise(15)[i]!)
  const region = rows.map((i) => (i % 12 < 6 ? 'North' : 'South'))
  const asIfIndependent = insightsOf({ spent, region })
  t.ok(asIfIndependent.some(({ statement }) => /spent .* differs by region/.test(statement)))
  const columns = [{ name: 'customer', role: 'identifier' }]
  const told = insightsOf({ customer, spent, region }, { columns })
  t.notOk(told.some(({ statement }) => /spent .* differs by region/.test(statement)))
})

t.test(
  'one column as a function of another, and answers of which only one can be given, are no findings',
  async (t) => {
    const people = rows.map((i) => 1000 + ((i * 7919) % 5003))
    const logs = people.map((value) => Math.log(value))
    t.match(insightsOf({ people, logs }), [{ statement: /carry the same information/ }])
    t.ok(insightsOf({ people, logs })[0]!.strength < 0.5)
    const colour = rows.map((i) => (i * 7919) % 3)
    t.strictSame(
      insightsOf({
        colour_red: colour.map((c) => (c === 0 ? 1 : 0)),
        colour_blue: colour.map((c) => (c === 1 ? 1 : 0)),
      }),
      [],
    )
  },
)
