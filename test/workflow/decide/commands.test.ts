import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import { unresolvedCommands } from '#workflow/decide/commands.ts'
import { Story, T0 } from '../../support/story.ts'

const CHAIN: Plan = {
  steps: [
    { id: 'a', agent: 'x' },
    { id: 'b', agent: 'x', needs: ['a'], input: { n: { $from: 'steps.a.output.n' } } },
  ],
}

t.test('what is unresolved: the attempts that are out, or the end', async (t) => {
  const story = new Story().accept({ plan: CHAIN }).result(1, 'a', 1, { kind: 'done', output: {} })
  t.strictSame(unresolvedCommands(story.state!), [{ kind: 'DispatchStep', stepId: 'b', attempt: 1 }])
  story.cancel(2)
  t.match(unresolvedCommands(story.state!), [
    {
      kind: 'AnnounceEvent',
      event: { kind: 'cancelled', rev: 3, atMs: T0 + 2, error: { code: 'CANCELLED' } },
    },
  ])
})
