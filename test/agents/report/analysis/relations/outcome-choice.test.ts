import t from 'tap'
import {
  isOutcome,
  outcomeFirst,
  positiveGroup,
} from '../../../../../services/agents/report/analysis/relations/outcome-choice.ts'
import type { UnitFactor } from '../../../../../services/agents/report/analysis/relations/relation-units.ts'

const factor = (name: string, names: string[]): UnitFactor => ({
  name,
  role: names.length === 2 ? 'binary' : 'category',
  names,
  groups: new Int32Array(),
})

t.test('what happens is explained by what was there before', async (t) => {
  const plan = factor('plan', ['basic', 'pro'])
  const sex = factor('sex', ['1', '0'])
  for (const outcome of [
    factor('churn', ['0', '1']),
    factor('isFraud', ['no', 'yes']),
    factor('q', ['true', 'false']),
  ]) {
    for (const by of [plan, sex]) {
      t.equal(outcomeFirst(by, outcome)[0], outcome, `${outcome.name} by ${by.name}`)
      t.equal(outcomeFirst(outcome, by)[0], outcome)
    }
    t.ok(isOutcome(outcome))
  }
  t.notOk(isOutcome(sex))
  const [a, b] = [factor('a', ['x', 'y', 'z']), factor('b', ['u', 'v', 'w'])]
  t.equal(outcomeFirst(a, b)[0], b, 'of equals the later column')
})

t.test('which of two answers means yes', async (t) => {
  t.equal(positiveGroup({ names: ['0', '1'] }), 1)
  t.equal(positiveGroup({ names: ['Yes', 'No'] }), 0)
  t.equal(positiveGroup({ names: ['1', '2'] }), -1)
})
