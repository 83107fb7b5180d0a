import t from 'tap'
import { areNumberNames } from '../../../../../../services/agents/report/ingest/data/csv/number-names.ts'

const below = [
  ['45', '44', '55', '10'],
  ['28', '99', '11', '18'],
  ['68', '65', '70', '49'],
  ['97', '27', '60', '64'],
  ['56', '67', '54', '47'],
]

t.test('years, steps and whole numbers in order name columns', async (t) => {
  t.ok(areNumberNames(['2021', '2020', '2019', '2018'], below, true))
  t.ok(areNumberNames(['0', '5', '10', '15'], below, true))
  t.ok(areNumberNames(['0', '10', '50', '100'], below, true))
  t.ok(areNumberNames(['2019', '2020', '2021', '2022'], below, false), 'years alone, too')
  t.ok(areNumberNames(['0', '1', '2', '3'], below, false), 'columns that were counted')
})

t.test('values do not', async (t) => {
  t.notOk(areNumberNames(['12', '7', '30', '5'], below, true))
  t.notOk(areNumberNames(['5'], [['1']], true))
  t.notOk(
    areNumberNames(
      ['2021', '2020'],
      [
        ['2011', '2010'],
        ['2001', '2000'],
      ],
      true,
    ),
    'years over years',
  )
  t.notOk(
    areNumberNames(
      ['1', '2', '3'],
      [
        ['4', '5', '6'],
        ['7', '8', '9'],
      ],
      true,
    ),
    'rows that count on',
  )
  t.notOk(
    areNumberNames(
      ['10', '20', '35', '60'],
      below.map((row) => row.toSorted()),
      true,
    ),
    'all rows rise',
  )
})
