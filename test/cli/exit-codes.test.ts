import t from 'tap'
import { ERRORS, type ErrorCode } from '#schemas/problem.ts'
import { exitCodeOf } from '../../services/cli/exit-codes.ts'

t.test('what was asked wrongly differs from what went wrong', async (t) => {
  t.equal(exitCodeOf('INVALID_SUBMISSION', 400), 2)
  t.equal(exitCodeOf('INTERNAL', 500), 1)
  t.equal(exitCodeOf('STEP_FAILED', 500), 1)
})

t.test('some codes say more than their status', async (t) => {
  t.equal(exitCodeOf('ALERT_NOT_FOUND', 404), 3)
  t.equal(exitCodeOf('RATE_LIMITED', 429), 4, 'may work later')
  t.equal(exitCodeOf('UNAVAILABLE', 503), 4)
  t.equal(exitCodeOf('TASK_ALREADY_FINISHED', 409), 5)
})

t.test('whatever is not found exits with 3', async (t) => {
  const notFound = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => code.endsWith('_NOT_FOUND'))
  t.ok(notFound.length >= 5)
  for (const code of notFound) t.equal(exitCodeOf(code, ERRORS[code].status), 3, code)
})
