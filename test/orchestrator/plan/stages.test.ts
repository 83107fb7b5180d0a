import t from 'tap'
import { stagesOf } from '../../../services/orchestrator/plan/plan-preview.ts'

t.test('a step is in the stage behind the last one that it needs', async (t) => {
  const step = (id: string, ...needs: string[]) => ({ id, agent: 'x', needs })
  t.strictSame(
    stagesOf({ steps: [step('d', 'b', 'c'), step('a'), step('b', 'a'), step('c'), step('e', 'd')] }),
    [['a', 'c'], ['b'], ['d'], ['e']],
  )
})
