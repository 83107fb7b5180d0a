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

t.test(
  'poison is buried again under the run that it was, not under the step that failed with it',
  async (t) => {
    const crashed = { kind: 'retry', error: { code: 'AGENT_CRASHED', message: 'its process ended' } } as const
    const retry = { maxAttempts: 1 }
    const plain = new Story().accept({ plan: { steps: [{ id: 'a', agent: 'x', retry }] } })
    plain.result(1, 'a', 1, crashed)
    t.equal(plain.state!.steps.a!.error?.code, 'POISON_MESSAGE')
    const buried = { kind: 'BuryStep', stepId: 'a', attempt: 1 }
    t.match(unresolvedCommands(plain.state!), [buried, { kind: 'AnnounceEvent' }])

    const list = new Story().accept({
      plan: { steps: [{ id: 'a', agent: 'x', retry, forEach: { items: [1], concurrency: 1 } }] },
    })
    list.result(1, 'a.0', 1, crashed)
    t.equal(list.state!.steps.a!.error?.code, 'POISON_MESSAGE')
    const item = { kind: 'BuryStep', stepId: 'a.0', attempt: 1 }
    t.match(
      unresolvedCommands(list.state!),
      [item, { kind: 'AnnounceEvent' }],
      'the item, not attempt 0 of its list',
    )

    const instead = new Story().accept({
      plan: { steps: [{ id: 'a', agent: 'x', retry, fallback: { agent: 'y', retry } }] },
    })
    instead.result(1, 'a', 1, { kind: 'fail', error: { code: 'E', message: 'e' } })
    instead.result(2, 'a.fallback', 1, crashed)
    t.equal(instead.state!.steps.a!.error?.code, 'POISON_MESSAGE')
    const fallback = { kind: 'BuryStep', stepId: 'a.fallback', attempt: 1 }
    t.match(
      unresolvedCommands(instead.state!),
      [fallback, { kind: 'AnnounceEvent' }],
      'its fallback was poison',
    )
  },
)

t.test(
  'poison of a step whose task goes on is owed until it is known to be out, and no more of it is kept than can be owed',
  async (t) => {
    const crashed = { kind: 'retry', error: { code: 'AGENT_CRASHED', message: 'its process ended' } } as const
    const retry = { maxAttempts: 1 }
    const items = Array.from({ length: 200 }, (_, i) => i)
    const story = new Story().accept({
      plan: {
        steps: [
          { id: 'a', agent: 'x', retry, onFailure: 'continue' },
          { id: 'b', agent: 'x', retry, forEach: { items, concurrency: 1, onItemFailure: 'continue' } },
        ],
      },
    })
    story.result(1, 'a', 1, crashed)
    t.equal(story.state!.status, 'running')
    const buried = (since = {}) =>
      unresolvedCommands(story.state!, since).filter(({ kind }) => kind === 'BuryStep')
    t.match(buried(), [{ stepId: 'a', attempt: 1 }])
    const { seq, atMs } = story.state!.buried![0]!
    t.match(buried({ seq: seq - 1 }), [{ stepId: 'a' }])
    t.strictSame(buried({ seq }), [], 'what is out is not sent again')
    t.strictSame(buried({ atMs }), [], 'nor what the broker would take for new')
    for (const i of items) story.result(2 + i, `b.${i}`, 1, crashed)
    t.equal(buried().length, 128)
    t.match(buried().at(-1), { stepId: 'b.199' })
  },
)
