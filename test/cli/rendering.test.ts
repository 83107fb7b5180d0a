import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { SetupError } from '../../deploy/local/setup-error.ts'
import { CliError } from '../../services/cli/cli-error.ts'
import { renderChecks } from '../../services/cli/commands/doctor.ts'
import { faultOf, renderFault } from '../../services/cli/fault.ts'
import { noPaint } from '../../services/cli/output/paint.ts'
import { formatBytes, formatDuration } from '../../services/cli/output/quantities.ts'
import { renderTable } from '../../services/cli/output/table.ts'
import { printable, truncate, wrap } from '../../services/cli/output/terminal-text.ts'
import { describeEvent } from '../../services/cli/task-view/follow-task.ts'
import { listShortly, placeSteps } from '../../services/cli/task-view/plan-order.ts'
import { outputLines } from '../../services/cli/task-view/present-task.ts'
import { renderTask } from '../../services/cli/task-view/render-task.ts'
import { applyEvent, viewOf } from '../../services/cli/task-view/task-view.ts'
import { event, runningTask } from './task-fixtures.ts'

const options = { paint: noPaint, nowMs: 3_001 }

t.test('durations and sizes keep three figures and never round to the wrong unit', async (t) => {
  const durations: [ms: number, text: string][] = [
    [-3, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [9_994, '9.99 s'],
    [9_996, '10.0 s'],
    [59_960, '1 min 00 s'],
    [125_000, '2 min 05 s'],
    [3_600_000, '1 h 00 min'],
    [26 * 3_600_000, '1 d 02 h'],
  ]
  for (const [ms, text] of durations) t.equal(formatDuration(ms), text)
  const sizes: [bytes: number, text: string][] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [58_000, '57 KiB'],
    [1024 * 1024 - 1, '1.0 MiB'],
    [256 * 1024 * 1024, '256 MiB'],
  ]
  for (const [bytes, text] of sizes) t.equal(formatBytes(bytes), text)
})

t.test('text from outside cannot steer the terminal', async (t) => {
  t.equal(printable('a\u001b[31mb\u001b]0;title\u0007c\r\nd\u202ee'), 'abc d e')
  t.equal(truncate('abcdef', 4), 'abc…')
  t.equal(truncate('ab', 4), 'ab')
})

t.test('sentences are broken between words', async (t) => {
  t.strictSame(wrap('one two three', 9), ['  one two', '  three'])
  t.strictSame(wrap('one two three', undefined), ['  one two three'])
})

t.test('tables are aligned, and the flexible column gives way', async (t) => {
  const columns = [
    { title: 'id' },
    { title: 'note', flexible: true },
    { title: 'ms', align: 'right' as const },
  ]
  const rows = [
    [{ text: 'a' }, { text: 'a note that is much too long' }, { text: '7' }],
    [{ text: 'bcd' }, { text: 'short' }, { text: '1234' }],
  ]
  t.strictSame(renderTable(columns, rows, { paint: noPaint, width: 30 }), [
    '  id   note                 ms',
    '  a    a note that is m…     7',
    '  bcd  short              1234',
  ])
})

t.test('a task is drawn as its plan', async (t) => {
  t.strictSame(renderTask(viewOf(runningTask), options), [
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
  const running = applyEvent(viewOf(runningTask), progress).view
  t.match(renderTask(running, options)[3], /10 ms {2}1\.99 s {2}████░░░░░░ {2}40 % read · notes\.md/)
  const error = { code: 'BROKEN_FILE', message: 'no header' }
  const steps = {
    ...runningTask.steps,
    left: { status: 'failed', attempt: 3, error },
    right: { status: 'backoff', attempt: 2, retryAtMs: 3_501, error },
  } as const
  const [, , left, right] = renderTask(viewOf({ ...runningTask, steps }), options)
  t.match(left, /✗ {4}left .*BROKEN_FILE: no header · sales\.csv/)
  t.match(right, /↻ {2}right .*attempt 2 failed, again in 500 ms: BROKEN_FILE: no header/)
})

t.test('when there is no room, steps with least to say are left out', async (t) => {
  const lines = renderTask(viewOf(runningTask), { ...options, maxLines: 5 })
  t.equal(lines.length, 5)
  t.notMatch(lines.join('\n'), / join /)
  t.equal(lines.at(-1), '  … and 1 more step')
})

t.test('steps are placed behind those they need', async (t) => {
  t.strictSame(
    placeSteps(runningTask.plan).map(({ step, level }) => [step.id, level]),
    [
      ['left', 0],
      ['right', 0],
      ['join', 1],
    ],
  )
  t.equal(listShortly(['a', 'b', 'c', 'd']), 'a, b … d')
})

t.test('events become lines', async (t) => {
  const view = viewOf(runningTask)
  const error = { code: 'STEP_TIMEOUT', message: 'too\nslow' }
  t.equal(describeEvent(view, event({ kind: 'step-completed', stepId: 'left' })), '✓ left')
  t.equal(
    describeEvent(view, event({ kind: 'step-failed', stepId: 'left', error })),
    '✗ left STEP_TIMEOUT: too slow',
  )
  t.match(
    describeEvent(view, event({ kind: 'step-retrying', stepId: 'left', attempt: 1, error })),
    /attempt 1 failed/,
  )
  t.equal(
    describeEvent(view, event({ kind: 'progress', stepId: 'left', fraction: 0.5, note: 'n' })),
    '● left 50 % n',
  )
  t.equal(describeEvent(view, event({ kind: 'cancelled' })), 'report cancelled')
  t.equal(describeEvent(view, event({ kind: 'completed', stepId: 'join' })), '✓ join · report completed')
})

t.test('a long output is cut, and says so', async (t) => {
  t.strictSame(outputLines({ a: 1 }), ['{', '  "a": 1', '}'])
  t.match(outputLines(Array.from({ length: 100 }, (_, i) => i)).at(-1), /62 more lines/)
})

t.test('faults of every kind have a code, a sentence, a fix and an exit code', async (t) => {
  const issues = [{ path: 'plan', message: 'is missing' }]
  const cases: [error: unknown, exitCode: number, code: string][] = [
    [new CliError('NO_STACK', 'none'), 4, 'NO_STACK'],
    [new MurmurError('TASK_NOT_FOUND', 'none'), 3, 'TASK_NOT_FOUND'],
    [new MurmurError('INVALID_SUBMISSION', 'wrong', { issues }), 2, 'INVALID_SUBMISSION'],
    [new MurmurError('IDEMPOTENCY_CONFLICT', 'other'), 5, 'IDEMPOTENCY_CONFLICT'],
    [new MurmurError('OVERLOADED', 'later'), 4, 'OVERLOADED'],
    [new MurmurError('INTERNAL', 'oh'), 1, 'INTERNAL'],
    [new SetupError('NATS_NOT_FOUND', 'No NATS.', 'Get one.'), 1, 'NATS_NOT_FOUND'],
    [Object.assign(new Error('timeout'), { name: 'TimeoutError' }), 4, 'UNAVAILABLE'],
    [new TypeError('a bug'), 1, 'INTERNAL'],
  ]
  for (const [error, exitCode, code] of cases) {
    const fault = faultOf(error)
    t.match(fault, { exitCode, code, message: /\w/, fix: /\w/ })
  }
  t.strictSame(renderFault(faultOf(new MurmurError('INVALID_SUBMISSION', 'wrong', { issues })), noPaint), [
    '  plan: is missing',
    '✗ INVALID_SUBMISSION: wrong',
    '  → Correct the fields that are named; docs/tasks.md shows each of them.',
  ])
  const setup = faultOf(new SetupError('SERVER_FAILED_TO_START', 'It ended.\nlog line', 'Mend it.\nOr not.'))
  t.strictSame(renderFault(setup, noPaint), [
    '  log line',
    '✗ SERVER_FAILED_TO_START: It ended.',
    '  → Mend it.',
    '    Or not.',
  ])
})

t.test('checks show their fix below them', async (t) => {
  const lines = renderChecks(
    [
      { name: 'node', status: 'ok', evidence: '24', fix: 'not shown' },
      { name: 'nats', status: 'fail', evidence: 'none', fix: 'Get it.' },
    ],
    noPaint,
  )
  t.strictSame(lines, ['  ✓  node  24', '  ✗  nats  none', '      → Get it.', '', '1 check failed.'])
})
