import t from 'tap'
import {
  groupText,
  namedGroupText,
} from '../../../../../services/agents/report/analysis/insights/group-text.ts'

t.test('groups as sentences name them', async (t) => {
  t.equal(groupText('region', 'North'), 'North')
  t.equal(groupText('pclass', '1'), 'pclass 1')
  t.equal(groupText('smoker', 'yes'), 'smoker yes')
  t.equal(namedGroupText('plan', 'basic'), 'plan basic')
})
