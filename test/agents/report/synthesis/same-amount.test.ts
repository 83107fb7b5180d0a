import t from 'tap'
import { areSameAmount } from '../../../../services/agents/report/synthesis/same-amount.ts'

t.test('one amount in two forms', async (t) => {
  for (const pair of [
    ['Wounds', 'Wounds.rate'],
    ['INCOME', 'INCOMESQ'],
    ['rawpoll_clinton', 'adjpoll_clinton'],
    ['wage', 'logwage'],
    ['gdp', 'gdp per capita'],
  ]) {
    t.equal(areSameAmount(pair), true, pair.join(' and '))
  }
})

t.test('two amounts with a word in common', async (t) => {
  for (const pair of [
    ['temp max', 'temp min'],
    ['total bill', 'tip'],
    ['rate', 'share'],
    ['city mpg', 'highway mpg'],
    ['income', 'login'],
  ]) {
    t.equal(areSameAmount(pair), false, pair.join(' and '))
  }
})
