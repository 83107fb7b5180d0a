import t from 'tap'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { renderTask } from '../../../services/cli/task-view/render-task.ts'
import { applyEvent, taskViewOf } from '../../../services/cli/task-view/task-view.ts'
import { event, runningTask } from '../task-fixtures.ts'

const options = { paint: noPaint, nowMs: 3_001 }

t.test('a task is drawn as its plan', async (t) => {
  t.strictSame(renderTask(taskViewOf(runningTask), options), [
    'report  task-1  running  1 of 3 steps  2.00 s',
    '       step   agent     waited     ran  state',
    '  ✓    left   ingest      4 ms  250 ms  done · sales.csv',
    '  │ ●  right  ingest    2.00 s          queued · notes.md',
    '  ○─╯  join   analysis                  after left, right',
  ])
})

t.test('progress, retries and failures are seen', async (t) => {
  const progress = event({
    kind: 'progress',
    stepId: 'right',
    attempt: 1,
    fraction: 0.4,
    note: 'read\u001b[2J',
    atMs: 1_011,
  })
  const running = applyEvent(taskViewOf(runningTask), progress).view
  t.match(renderTask(running, options)[3], /10 ms {2}1\.99 s {2}████░░░░░░ {2}40 % read · notes\.md/)
  const error = { code: 'BROKEN_FILE', message: 'no header' }
  const steps = {
    ...runningTask.steps,
    left: { status: 'failed', attempt: 3, error },
    right: { status: 'backoff', attempt: 2, retryAtMs: 3_501, error },
  } as const
  const [, , left, right] = renderTask(taskViewOf({ ...runningTask, steps }), options)
  t.match(left, /✗ {4}left .*BROKEN_FILE: no header · sales\.csv/)
  t.match(right, /↻ {2}right .*attempt 2 failed, again in 500 ms: BROKEN_FILE: no header/)
})

t.test('when there is no room, steps with least to say are left out', async (t) => {
  const lines = renderTask(taskViewOf(runningTask), { ...options, maxLines: 5 })
  t.equal(lines.length, 5)
  t.notMatch(lines.join('\n'), / join /)
  t.equal(lines.at(-1), '  … and 1 more step')
})
