import t from 'tap'
import { namesShareStem, nameTokens } from '../../../../services/agents/report/structure/name-tokens.ts'

t.test('the words of a name, however they are joined', async (t) => {
  for (const name of ['unitPrice', 'unit_price', 'Unit Price (USD)', 'unit-price', 'UnitPrice'])
    t.same(nameTokens(name), ['unit', 'price'], name)
  t.same(nameTokens('customerID'), ['customer', 'id'])
  t.same(nameTokens('Größe'), ['größe'])
  t.same(nameTokens(''), [])
})

t.test('a stem in common', async (t) => {
  t.ok(namesShareStem('churn', 'churn_label'))
  t.ok(namesShareStem('country_code', 'country'))
  t.notOk(namesShareStem('churn', 'plan'))
  t.notOk(namesShareStem('', 'plan'))
})
