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

t.test('a list is one node with a count; what waits says for what; a pause says why', async (t) => {
  const plan = {
    steps: [
      { id: 'map', agent: 'double', forEach: { items: [1, 2, 3, 4] } },
      { id: 'paid', waitFor: { signal: 'paid' } },
      { id: 'nap', sleep: { ms: 60_000 } },
      { id: 'release', needs: ['map'], approval: { title: 'Release it?', assignees: ['finance'] } },
    ],
  }
  const out = { status: 'dispatched', attempt: 1 } as const
  const task = {
    ...runningTask,
    ...({ plan, status: 'paused', pauseReason: 'lunch' } as const),
    steps: {
      map: {
        status: 'running',
        attempt: 0,
        items: { total: 4, next: 3, completed: 1, failed: 1 },
        runs: { 2: out },
      },
      paid: { status: 'awaiting-signal', attempt: 0, waitingSinceMs: 1 },
      nap: { status: 'sleeping', attempt: 0, waitingSinceMs: 1, wakeAtMs: 63_001 },
      release: { status: 'awaiting-approval', attempt: 1, waitingSinceMs: 1 },
    } as const,
  }
  const lines = renderTask(taskViewOf(task), options)
  t.match(lines[0], /report {2}task-1 {2}paused \(lunch\) {2}0 of 4 steps/)
  t.match(
    lines.find((line) => / map /.test(line)),
    /● .*map +double .*█████░░░░░ {2}50 % 2 of 4 items, 1 failed, 1 out$/,
  )
  t.match(
    lines.find((line) => / paid /.test(line)),
    /\? .*paid +waitFor +awaits signal paid$/,
  )
  t.match(
    lines.find((line) => / nap /.test(line)),
    /☾ .*nap +sleep +sleeps until 1970-01-01T00:01:03.001Z, another 1 min 00 s$/,
  )
  t.match(
    lines.find((line) => / release /.test(line)),
    /\? .*release +approval +awaits approval: Release it\? \(finance\)$/,
  )
  t.equal(
    renderTask(taskViewOf(task), { ...options, maxLines: 4 }).filter((line) => /release/.test(line)).length,
    1,
  )
})
