import t from 'tap'
import type { LogEvent } from '#schemas/log-event.ts'
import { taskEventExample } from '#schemas/task-event.ts'
import { eventEntry, TaskHistory, toldEntry } from '../../../services/sdk/testing/task-history.ts'

const when = { atMs: 0, seq: 1 }
const about = { v: 1 as const, taskId: 'k', stepId: 'a', attempt: 2, instance: 'i' }

t.test('events of the log, for people', async (t) => {
  const ran = { startedAtMs: 0, finishedAtMs: 0 }
  const error = { code: 'AWAY', message: 'it is away' }
  const events: [Partial<LogEvent>, string][] = [
    [
      { kind: 'result', body: { ...about, ...ran, outcome: { kind: 'done', output: 1 } } },
      'a, attempt 2: done',
    ],
    [
      { kind: 'result', body: { ...about, ...ran, outcome: { kind: 'retry', error } } },
      'a, attempt 2: did not work this time: AWAY it is away',
    ],
    [
      { kind: 'result', body: { ...about, ...ran, outcome: { kind: 'fail', error } } },
      'a, attempt 2: failed: AWAY it is away',
    ],
    [
      { kind: 'started', body: { ...about, bornAtMs: 0, alone: false } },
      'a, attempt 2, has been running for a while',
    ],
    [{ kind: 'timer', body: { v: 1, taskId: 'k', dueMs: 1 } }, 'a moment has come'],
    [{ kind: 'control', body: { v: 2, taskId: 'k', action: 'pause', reason: 'lunch' } }, 'pause: lunch'],
    [
      { kind: 'control', body: { v: 2, taskId: 'k', action: 'signal', name: 'go', id: '1' } },
      'signal "go" (1)',
    ],
    [
      {
        kind: 'control',
        body: {
          v: 2,
          taskId: 'k',
          action: 'approval',
          stepId: 'a',
          attempt: 1,
          decision: 'approved',
          by: 'me',
        },
      },
      'a: approved by me',
    ],
  ]
  for (const [event, text] of events) t.equal(eventEntry({ ...when, ...event } as LogEvent).text, text)
})

t.test('what watchers are told', async (t) => {
  t.match(toldEntry(taskEventExample), { kind: 'step-completed', stepId: 'read', text: 'read completed' })
  t.equal(
    toldEntry({ ...taskEventExample, kind: 'progress', fraction: 0.5, note: 'half' }).text,
    'read progress 50 %: half',
  )
})

t.test('entries have their time, belong to their task, and are copies', async (t) => {
  const history = new TaskHistory(() => 1000)
  history.add('a', { kind: 'timer', text: 'x' })
  history.of('a')[0]!.text = 'changed'
  t.strictSame(history.of('a'), [{ atMs: 1000, at: '1970-01-01T00:00:01.000Z', kind: 'timer', text: 'x' }])
  t.strictSame(history.of('b'), [])
})
