import t from 'tap'
import {
  momentRange,
  statedPeriods,
} from '../../../../../services/agents/report/analysis/findings/claim-periods.ts'

const days = (text: string) => {
  const range = momentRange(text)
  return (
    range && [new Date(range.fromMs), new Date(range.toMs)].map((date) => date.toISOString().slice(0, 10))
  )
}
const stated = (sentence: string) =>
  statedPeriods(sentence).map(({ range, isOpen, span }) => [
    sentence.slice(span.start, span.end),
    range === null ? 'all' : range.fromMs,
    isOpen,
  ])

t.test('moments are years, quarters, months and days', async (t) => {
  t.strictSame(days('2021'), ['2021-01-01', '2022-01-01'])
  t.strictSame(days('Q4 2021'), ['2021-10-01', '2022-01-01'])
  t.strictSame(days('December 2021'), ['2021-12-01', '2022-01-01'])
  t.strictSame(days('3 Mar. 2021'), ['2021-03-03', '2021-03-04'])
  t.strictSame(days('2021-02'), ['2021-02-01', '2021-03-01'])
  t.strictSame(days('2021-02-28'), ['2021-02-28', '2021-03-01'])
  t.equal(momentRange('spring'), undefined)
})

t.test('periods of a sentence', async (t) => {
  t.strictSame(stated('Sales rose from 2019 to 2023.'), [['from 2019 to 2023', Date.UTC(2019, 0, 1), false]])
  t.strictSame(stated('It has risen since March 2020'), [['since March 2020', Date.UTC(2020, 2, 1), true]])
  t.strictSame(stated('It rose over the whole period'), [['over the whole period', 'all', false]])
  t.strictSame(stated('from 5 in January 2019 to 9 in 2020'), [
    ['in January 2019', Date.UTC(2019, 0, 1), false],
    ['in 2020', Date.UTC(2020, 0, 1), false],
  ])
})

t.test('a month without its year, or a week, is no period that could be checked', async (t) => {
  t.strictSame(stated('Sales fell last week, in March and on Monday.'), [])
})
