import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import type { TaskState } from '#schemas/task.ts'
import { type Surroundings, whyWaiting } from '../../../../services/console/screens/task/why-waiting.ts'
import { Story, T0 } from '../../../support/story.ts'

const PLAN: Plan = {
  steps: [
    { id: 'a', agent: 'x', retry: { maxAttempts: 2, initialDelayMs: 100 } },
    { id: 'b', agent: 'x', needs: ['a'] },
    { id: 'c', agent: 'x', needs: ['a'], when: 'steps.a.output.n > 5' },
  ],
}

const around = (about: Partial<Surroundings> = {}): Surroundings => ({
  nowMs: T0,
  agents: [],
  queues: [],
  ...about,
})
const agent = { type: 'x', status: 'ready' as const, capacity: 2, inFlight: 0 }
const codes = (state: TaskState, stepId: string, about: Partial<Surroundings>) =>
  whyWaiting(state, stepId, around(about)).map(({ code }) => code)

t.test('why a step waits, the reason that counts first', async (t) => {
  const story = new Story().accept({ plan: PLAN })
  const state = story.state!
  t.strictSame(codes(state, 'b', {}), ['needs'])
  t.strictSame(codes(state, 'a', {}), ['nobody'])
  t.strictSame(codes(state, 'a', { isUnknown: true }), [], 'what is not known is not said')
  t.strictSame(codes(state, 'a', { agents: [{ ...agent, status: 'draining' }] }), ['draining'])
  const drained = { ...agent, instance: 'x-1', status: 'drained' as const, drain: { sinceMs: 1 } }
  t.match(whyWaiting(state, 'a', around({ agents: [drained, { ...drained, instance: 'x-2' }] })), [
    { code: 'drained', why: /: x-1, x-2 are drained by an operator/, help: /undrain x-1/ },
  ])
  t.strictSame(codes(state, 'a', { agents: [drained, agent] }), ['queue'], 'another one takes steps')
  t.strictSame(codes(state, 'a', { agents: [{ ...agent, inFlight: 2 }] }), ['busy', 'queue'])
  t.strictSame(codes(state, 'a', { agents: [agent] }), ['queue'])
  t.strictSame(codes(state, 'a', { agents: [agent], isTypePaused: true }), ['type-paused', 'queue'])
  const dispatch = { policy: {}, waiting: 3, out: 5, breaker: { state: 'closed' } }
  const asked = (about: Partial<typeof dispatch> & { policy?: object }) =>
    codes(state, 'a', { agents: [agent], dispatch: { ...dispatch, ...about } })
  t.strictSame(asked({ policy: { paused: true } }), ['agent-paused'])
  t.strictSame(asked({ breaker: { state: 'open' } }), ['breaker'])
  t.strictSame(asked({ policy: { concurrency: 5 } }), ['limit'])
  t.match(
    whyWaiting(
      state,
      'a',
      around({ agents: [agent], queues: [{ agent: 'x', priority: 1, waiting: 7, inWork: 0 }] }),
    ),
    [{ why: /about 7 steps/ }],
  )
  story.result(20, 'a', 1, { kind: 'retry', error: { code: 'BUSY', message: 'later' } })
  t.match(whyWaiting(story.state!, 'a', around()), [{ code: 'backoff', why: /BUSY: later/, untilMs: Number }])
  story.pause(30, 'lunch')
  t.match(whyWaiting(story.state!, 'a', around())[0], { code: 'task-paused', why: /lunch/ })
  const waits = new Story().accept({
    plan: {
      steps: [
        { id: 's', sleep: { ms: 1000 } },
        { id: 'g', waitFor: { signal: 'go' } },
      ],
    },
  })
  t.strictSame([...codes(waits.state!, 's', {}), ...codes(waits.state!, 'g', {})], ['sleep', 'signal'])
  waits.cancel(10)
  t.strictSame(codes(waits.state!, 's', {}), [], 'nothing waits in a task that is over')
})
