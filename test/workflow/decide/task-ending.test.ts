import t from 'tap'
import type { Plan, Step } from '#schemas/plan.ts'
import { buildStepMessage } from '#workflow/decide/build-step-message.ts'
import { unresolvedCommands } from '#workflow/decide/commands.ts'
import { nextDueMs } from '#workflow/decide/decide.ts'
import { Story, T0 } from '../../support/story.ts'

const step = (id: string, about: Partial<Step> = {}): Step => ({ id, agent: 'x', ...about })
const compensate = { agent: 'undo', input: { of: { $from: 'output.ref' } }, retry: { maxAttempts: 2 } }
const PLAN: Plan = {
  steps: [
    step('a', { compensate }),
    step('b', { compensate }),
    step('c', { needs: ['a'] }),
    step('d', { needs: ['b', 'c'], compensate }),
  ],
}
const two = () => new Story().accept({ plan: PLAN }).done(1, 'b', { ref: 2 }).done(2, 'a', { ref: 1 })

t.test('a task that fails undoes what its steps have done, the last one first', async (t) => {
  const story = two().failed(3, 'c')
  t.strictSame([story.dispatched, story.announced], [['a.compensate:1'], ['step-failed', 'compensating']])
  t.match(story.state, { status: 'compensating', endsAs: { status: 'failed', error: { code: 'BROKE' } } })
  t.equal(story.state?.deadlineAtMs, T0 + 3 + 15 * 60_000)
  t.match(
    buildStepMessage(story.state!, 'a.compensate', 1, () => 'r'),
    { agent: 'undo', stepId: 'a.compensate', input: { of: 1 } },
  )
  t.strictSame(story.cancel(4).late, ['compensating'], 'that can not be stopped')
  t.strictSame(unresolvedCommands(story.state!), [
    { kind: 'DispatchStep', stepId: 'a.compensate', attempt: 1 },
  ])
  t.strictSame(story.done(5, 'a.compensate').dispatched, ['b.compensate:1'])
  story.done(6, 'b.compensate')
  t.match(story.state, {
    status: 'failed',
    error: { code: 'BROKE', message: 'it broke', stepId: 'c' },
    steps: { a: { status: 'completed', compensated: 'completed' }, b: { compensated: 'completed' } },
  })
  t.strictSame([story.announced, story.state?.steps.d?.status], [['failed'], 'skipped'])
})

t.test('a cancel calls back what is out, and undoes what was done', async (t) => {
  const story = two().cancel(3, 'not any more')
  t.strictSame([story.retracted, story.dispatched], [['c:1'], ['a.compensate:1']])
  story.done(4, 'c')
  t.strictSame(story.late, ['superseded-attempt'], 'what comes now comes late')
  story.done(5, 'a.compensate').done(6, 'b.compensate')
  t.match(story.state, { status: 'cancelled', error: { code: 'CANCELLED', message: 'not any more' } })
})

t.test('one that can not be undone does not stop the others, and is named', async (t) => {
  const story = two().failed(3, 'c').failed(4, 'a.compensate')
  t.strictSame(story.dispatched, ['b.compensate:1'])
  const busy = { code: 'BUSY', message: 'later' }
  story.result(5, 'b.compensate', 1, { kind: 'retry', error: busy, afterMs: 10 })
  t.strictSame(story.announced, ['step-retrying'])
  t.strictSame(story.timer(15).dispatched, ['b.compensate:2'])
  story.done(20, 'b.compensate', null, 2)
  t.match(story.state, {
    status: 'failed',
    error: { message: 'it broke (not undone: a)' },
    steps: { a: { compensated: 'failed', compensationError: { code: 'BROKE' } } },
  })
})

t.test('a deadline starts them, too, and their own time ends them', async (t) => {
  const plan = { ...PLAN, compensationTimeoutMs: 500 }
  const story = new Story().accept({ plan, deadlineMs: 100 }).done(1, 'a', {}).done(2, 'b', {})
  story.timer(100)
  t.strictSame([story.retracted, story.dispatched], [['c:1'], ['b.compensate:1']])
  t.equal(nextDueMs(story.state!), T0 + 600)
  story.timer(600)
  t.strictSame(story.retracted, ['b.compensate:1'])
  t.match(story.state, {
    status: 'failed',
    error: { code: 'DEADLINE_EXCEEDED', message: /\(not undone: a, b\)/ },
    steps: {
      a: { compensated: 'failed' },
      b: { compensated: 'failed', compensationError: { code: 'DEADLINE_EXCEEDED' } },
    },
  })
})

t.test('a task without anything to undo ends at once, and one that completes undoes nothing', async (t) => {
  t.equal(new Story().accept({ plan: PLAN }).failed(1, 'a').state?.status, 'failed')
  const story = two().done(3, 'c').done(4, 'd')
  t.strictSame([story.state?.status, story.dispatched], ['completed', []])
})
