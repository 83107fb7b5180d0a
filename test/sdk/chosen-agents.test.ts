import t from 'tap'
import { chosenAgents } from '../../services/sdk/chosen-agents.ts'

t.test(
  'a process runs the agents it is asked for, in its own order, and all of them when nobody asks',
  async (t) => {
    t.strictSame(chosenAgents(['a', 'b', 'c'], undefined), ['a', 'b', 'c'])
    t.strictSame(chosenAgents(['a', 'b', 'c'], ['c', 'a']), ['a', 'c'])
  },
)

t.test('a name that the process does not have is refused with those it has', async (t) => {
  t.throws(() => chosenAgents(['a', 'b'], ['a', 'x']), {
    code: 'CONFIG_INVALID',
    message: /names x; this process has a, b/,
  })
})
