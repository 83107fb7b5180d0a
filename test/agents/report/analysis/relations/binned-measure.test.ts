import t from 'tap'
import { normalNumbers } from '../normal-numbers.ts'
import { insightsOf } from './relation-tables.ts'

const ages = Array.from({ length: 120 }, (_, i) => 18 + ((i * 37) % 60))

t.test('a measure by classes of itself is no finding', async (t) => {
  const group = ages.map((age) => (age < 30 ? 'young' : age < 55 ? 'middle' : 'old'))
  t.strictSame(insightsOf({ age: ages, age_group: group }), [])
})

t.test('two kinds of things that keep apart are one', async (t) => {
  const kind = ages.map((_, i) => (i % 2 === 0 ? 'setosa' : 'other'))
  const length = Array.from(normalNumbers(120, 1), (noise, i) => (i % 2 === 0 ? 15 : 45) + 2 * noise)
  t.match(insightsOf({ length, kind })[0]?.statement, /length in t.csv differs by kind/)
})

t.test('classes of a measure that is kept in steps of five are classes of it', async (t) => {
  // Each value comes often, as wind in knots does.
  const wind = Array.from({ length: 4000 }, (_, i) => 65 + 5 * ((i * 7) % 20))
  const category = wind.map((knots) => (knots <= 80 ? 'one' : knots <= 110 ? 'two' : 'three'))
  t.strictSame(insightsOf({ wind, category }), [])
})
