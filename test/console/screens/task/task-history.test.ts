import t from 'tap'
import type { LogEvent } from '#schemas/log-event.ts'
import type { Plan } from '#schemas/plan.ts'
import { TaskReplay } from '../../../../services/console/screens/task/task-replay.ts'
import { waterfallRows } from '../../../../services/console/screens/task/waterfall-bars.ts'
import { Story, T0 } from '../../../support/story.ts'

const PLAN: Plan = {
  steps: [
    { id: 'a', agent: 'x', retry: { maxAttempts: 2, initialDelayMs: 100 } },
    { id: 'b', agent: 'x', needs: ['a'] },
    { id: 'c', agent: 'x', needs: ['a'], when: 'steps.a.output.n > 5' },
  ],
}

/** A story whose events are written down as the log has them. */
class ToldStory extends Story {
  readonly events: LogEvent[] = []
  override at(ms: number, about: Parameters<Story['at']>[1]) {
    this.events.push({ ...about, atMs: T0 + ms, seq: this.events.length + 1 } as LogEvent)
    return super.at(ms, about)
  }
}

function replay(events: readonly LogEvent[]) {
  const whole = new TaskReplay()
  whole.advance(events, () => false)
  return whole.around(0)
}

function attemptsOf(events: readonly LogEvent[]) {
  const whole = new TaskReplay()
  whole.advance(events, () => false)
  return whole.attempts
}

function told() {
  const story = new ToldStory()
  story.accept({ plan: PLAN })
  story.started(5, 'a', 1)
  story.result(20, 'a', 1, { kind: 'retry', error: { code: 'BUSY', message: 'later' } })
  const retryAtMs = story.state!.steps.a!.retryAtMs! - T0
  story.timer(retryAtMs)
  story.done(retryAtMs + 50, 'a', { n: 1 }, 2)
  story.done(retryAtMs + 90, 'b')
  return { story, retryAtMs }
}

t.test('replayed in a browser, a log gives the states that the orchestrator had, and says why', async (t) => {
  const { story } = told()
  const moments = replay(story.events)
  t.strictSame(moments.at(-1)?.state, story.state)
  const said = moments.flatMap(({ changes }) =>
    changes.map(({ stepId, to, why }) => `${stepId ?? 'task'} ${to}: ${why}`),
  )
  t.match(said, [
    'task running: it was accepted',
    'a dispatched: it needs nothing before it',
    'a dispatched: x-1 has begun attempt 1',
    'a backoff: attempt 1 failed with BUSY, and may be tried again',
    'a dispatched: the time until its next attempt is over',
    'a completed: attempt 2 ended on x-1',
    'b dispatched: all that it needs is there: a',
    'c skipped: its condition does not hold: steps.a.output.n > 5',
    'task completed: all its steps are done',
    'b completed: attempt 1 ended on x-1',
  ])
})

t.test('what counts for nothing is told so', async (t) => {
  const { story } = told()
  story.done(10_000, 'a', null, 1)
  const last = replay(story.events).at(-1)!
  t.match(last.changes, [{ to: 'no change', why: /it counted for nothing: task finished/ }])
})

t.test('every attempt is a record, and a bar: in the queue, at work, until the next', async (t) => {
  const { story, retryAtMs } = told()
  const attempts = attemptsOf(story.events)
  t.match(attempts.get('a'), [
    { attempt: 1, queuedAtMs: T0, startedAtMs: T0 + 18, finishedAtMs: T0 + 19, error: { code: 'BUSY' } },
    { attempt: 2, queuedAtMs: T0 + retryAtMs, output: { n: 1 }, status: 'completed' },
  ])
  const rows = waterfallRows(story.state!, attempts, new Set())
  t.strictSame(
    rows.map(({ id, bars }) => `${id} ${bars.map(({ kind, outcome }) => `${kind}:${outcome}`).join(' ')}`),
    ['a queue:quiet run:bad backoff:quiet queue:quiet run:ok', 'b queue:quiet run:ok', 'c '],
  )
  t.match(waterfallRows(story.state!, undefined, new Set())[0]?.bars, [
    { kind: 'queue' },
    { kind: 'run', outcome: 'ok' },
  ])
})

t.test('a list is one row with its count, which opens', async (t) => {
  const story = new ToldStory()
  story.accept({
    plan: { steps: [{ id: 'many', agent: 'x', forEach: { items: [1, 2, 3], concurrency: 2 } }] },
  })
  story.done(10, 'many.0')
  const attempts = attemptsOf(story.events)
  const folded = waterfallRows(story.state!, attempts, new Set())
  t.match(folded, [{ id: 'many', count: '1/3', bars: [{ kind: 'run' }] }])
  const opened = waterfallRows(story.state!, attempts, new Set(['many']))
  t.strictSame(
    opened
      .slice(1)
      .map(({ id }) => id)
      .sort(),
    ['many.0', 'many.1', 'many.2'],
  )
})
