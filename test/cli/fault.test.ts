import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { SetupError } from '../../deploy/local/setup-error.ts'
import { CliError } from '../../services/cli/cli-error.ts'
import { faultOf, renderFault } from '../../services/cli/fault.ts'
import { noPaint } from '../../services/cli/output/paint.ts'

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
