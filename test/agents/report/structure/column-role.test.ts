import t from 'tap'
import type { Column } from '#schemas/document.ts'
import { columnProfile } from '../../../../services/agents/report/structure/column-profile.ts'
import { columnRole } from '../../../../services/agents/report/structure/column-role.ts'
import { normalNumbers } from '../analysis/normal-numbers.ts'
import { column } from '../analysis/sample-documents.ts'

const roleOf = (name: string, kind: Column['kind'], values: Column['values'], hasTime = false) =>
  columnRole(columnProfile(column(name, kind, values)), { hasTime })
const role = (name: string, ...values: number[]) => roleOf(name, 'number', values)
const words = (name: string, ...values: string[]) =>
  roleOf(name, new Set(values).size < values.length ? 'category' : 'text', values)
const cycled = (count: number, of: readonly number[]) =>
  Array.from({ length: count }, (_, i) => of[(i * 7) % of.length]!)

t.test('numbers that name or count rows are no measures', async (t) => {
  t.equal(role('price', 3, 1, 4), 'measure')
  t.equal(role('anything', 1, 2, 3, 4), 'identifier', 'counts the rows')
  t.equal(role('anything', 0, 1, 2), 'identifier')
  t.equal(role('anything', 1, 2), 'binary', 'two rows count nothing')
  t.equal(role('customer_id', 71, 12, 93), 'identifier')
  t.equal(role('customerId', 71, 12, 93), 'identifier')
  t.equal(role('store_id', 7, 7, 7, 9), 'identifier', 'a key that comes again')
  t.equal(role('id', 0.5, 1.5), 'measure', 'identifiers are whole')
  t.equal(role('Order Number', 5123, 5120, 5999), 'identifier')
  t.equal(role('number of rooms', 5, 3, 8), 'measure')
  t.equal(role('house price index', 101, 103, 108), 'measure')
})

t.test('references: whole numbers that only rise in small steps from far above zero', async (t) => {
  const refs = [90001, 90003, 90006, 90011, 90014, 90017, 90019, 90023, 90024, 90029]
  t.equal(role('ref', ...refs), 'identifier')
  t.equal(role('anything', ...refs), 'identifier', 'the values tell it')
  t.equal(roleOf('subscribers', 'number', refs, true), 'measure', 'where rows have times, amounts may rise')
  t.equal(role('population', ...refs.map((ref) => (ref - 90_000) ** 3)), 'measure', 'steps of all sizes')
  t.equal(role('anything', ...refs.toSorted((a, b) => (a % 7) - (b % 7))), 'measure', 'in no order')
})

t.test('parts of a date are no measures', async (t) => {
  t.equal(role('year', 1999, 2005, 2004), 'year')
  t.equal(role('model_year', 70, 71, 82), 'measure', 'a year of two digits is not told from a count')
  t.equal(role('birth year', 1999, 3005, 1998), 'measure', 'no year')
  t.equal(role('month', 12, 1, 5), 'calendar')
  t.equal(role('month', 120, 1, 5), 'measure')
  t.equal(role('Order Month', 12, 1, 5), 'calendar')
  t.equal(role('months since start', 12, 1, 5), 'measure')
  t.equal(role('hr', 0, 23, 5), 'calendar')
  t.equal(role('year'), 'empty')
  t.equal(words('month', 'Jan', 'Feb', 'Jan', 'Mai', 'März'), 'calendar')
  t.equal(words('day', 'Sun', 'Sat', 'Thur', 'Fri', 'Sun'), 'calendar')
  t.equal(words('name', 'May', 'June', 'April', 'Robert'), 'identifier', 'one is no month')
})

t.test('codes are digits that are names', async (t) => {
  t.equal(role('zip', 10115, 80331, 20095), 'code')
  t.equal(role('Provider Number', 10001, 10005, 10005), 'code')
  t.equal(role('region_code', 1, 4, 7, 1), 'code')
  t.equal(role('phone sales', 5551234, 5559876, 5551111), 'measure')
  t.equal(role('phone', 5551234, 5559876, 5551111), 'code')
  t.equal(words('plz', '01067', '10115', '01067'), 'code', 'leading zeros keep them words')
  t.equal(words('contact', '+49 30 1234', '(030) 99-12', '0171/123'), 'code')
})

t.test('coordinates', async (t) => {
  t.equal(role('lat', 52.5, 48.1, -33), 'coordinate')
  t.equal(role('start_lng', 13.4, 11.6, 151.2), 'coordinate')
  t.equal(role('lat', 120, 300, 250), 'measure', 'beyond a pole')
  t.equal(role('long', 0.5, 13.4, 11.6), 'coordinate')
})

t.test('two values, steps of a scale, and amounts', async (t) => {
  t.equal(roleOf('survived', 'number', cycled(60, [0, 1])), 'binary')
  t.equal(roleOf('sex', 'number', cycled(60, [1, 2])), 'binary')
  t.equal(roleOf('dose', 'number', cycled(60, [0.5, 2])), 'binary')
  t.equal(roleOf('smoker', 'boolean', [true, false, true]), 'binary')
  t.equal(words('plan', 'pro', 'basic', 'pro'), 'binary')
  t.equal(roleOf('q1', 'number', cycled(60, [1, 2, 3, 4, 5])), 'ordinal')
  t.equal(roleOf('anything', 'number', cycled(60, [1, 2, 3])), 'ordinal', 'all steps from 1, often')
  t.equal(roleOf('pclass', 'number', cycled(12, [1, 2, 3])), 'ordinal', 'by its name')
  t.equal(roleOf('nps', 'number', cycled(60, [0, 3, 5, 8, 10])), 'ordinal')
  t.equal(roleOf('anything', 'number', cycled(60, [0, 1, 2, 3])), 'measure', 'from 0: a count')
  t.equal(roleOf('bedrooms', 'number', cycled(60, [1, 2, 3, 4])), 'measure', 'a count by its name')
  t.equal(roleOf('anything', 'number', cycled(12, [1, 2, 3])), 'measure', 'too few rows to tell')
  t.equal(words('risk', 'low', 'high', 'medium', 'low'), 'ordinal')
  t.equal(words('colour', 'red', 'blue', 'green', 'red'), 'category')
})

t.test('normal numbers, rounded or not, are measures', async (t) => {
  const values = normalNumbers(200, 5)
  t.equal(role('x', ...values), 'measure')
  t.equal(role('x', ...values.map((value) => Math.round(100 + 15 * value))), 'measure')
})

t.test('words: names of things, texts, one value, none', async (t) => {
  t.equal(words('country', 'Chad', 'Peru', 'Oman'), 'identifier')
  t.equal(words('remark', 'late', 'broken', 'lost'), 'text')
  t.equal(
    words(
      'body',
      'It came a week after it was promised and did not work.',
      'All was well, thank you for asking me.',
    ),
    'text',
  )
  t.equal(roleOf('site', 'category', ['a', 'a', 'a']), 'constant')
  t.equal(roleOf('site', 'number', [null, null]), 'empty')
})
