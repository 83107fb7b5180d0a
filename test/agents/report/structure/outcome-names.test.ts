import t from 'tap'
import { isOutcomeName } from '../../../../services/agents/report/structure/outcome-names.ts'

t.test('names of what happens, and names of what is there before', async (t) => {
  for (const name of ['churn', 'isFraud', 'Survived', 'loan_status', 'readmitted'])
    t.ok(isOutcomeName(name), name)
  for (const name of ['plan', 'sex', 'department', 'airco', 'leftover stock'])
    t.notOk(isOutcomeName(name), name)
})
