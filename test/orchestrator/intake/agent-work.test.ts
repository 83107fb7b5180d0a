import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import { broughtBy, workByAgent } from '../../../services/orchestrator/intake/agent-work.ts'

t.test('counts are sorted by agent type and priority; what is none is left out', async (t) => {
  const work = workByAgent(
    new Map([
      ['x 2 ready', 3],
      ['x 0 done', 7],
      ['x 9 done', 7],
      ['y.z 3 later', -2],
      ['x 1 waiting', 5],
      ['x', 1],
    ]),
  )
  t.strictSame(
    Object.fromEntries(work),
    {
      x: { ready: [0, 0, 3, 0], later: [0, 0, 0, 0], done: [7, 0, 0, 0] },
      'y.z': { ready: [0, 0, 0, 0], later: [0, 0, 0, 0], done: [0, 0, 0, 0] },
    },
    'and no count is below nothing',
  )
})

t.test(
  'a plan brings its steps, those of a list that is known, and none behind something that is waited for',
  async (t) => {
    const plan: Plan = {
      steps: [
        { id: 'late', agent: 'x', needs: ['behind'] },
        { id: 'a', agent: 'x' },
        { id: 'b', agent: 'x', forEach: { items: [1, 2, 3] } },
        { id: 'c', agent: 'y', needs: ['a', 'b'], forEach: { items: { $from: 'steps.a.output' } } },
        { id: 'pause', sleep: { ms: 1000 }, needs: ['a'] },
        { id: 'behind', agent: 'y', needs: ['pause'] },
      ],
    } as unknown as Plan
    t.strictSame(Object.fromEntries(broughtBy(plan)), { x: { ready: 4, all: 4 }, y: { ready: 0, all: 1 } })
  },
)
