import t from 'tap'
import { wavesOf } from '../../services/orchestrator/plan/waves.ts'

t.test('a step is in the wave behind the last one that it needs', async (t) => {
  const step = (id: string, ...needs: string[]) => ({ id, agent: 'x', needs })
  t.strictSame(
    wavesOf({ steps: [step('d', 'b', 'c'), step('a'), step('b', 'a'), step('c'), step('e', 'd')] }),
    [['a', 'c'], ['b'], ['d'], ['e']],
  )
})
