import t from 'tap'
import { isPassing, ProblemError, problemOf, toProblemError } from '../../../services/console/data/problem.ts'

t.test('problems keep their code, and what is none becomes one', async (t) => {
  const problem = problemOf({ code: 'OVERLOADED', detail: 'full', fix: 'later', retryAfterMs: 5 }, 503)
  t.match(problem, { code: 'OVERLOADED', message: 'full', fix: 'later', retryAfterMs: 5, status: 503 })
  t.ok(isPassing(problem))
  t.notOk(isPassing(problemOf({ code: 'INVALID_REQUEST' }, 400)))
  t.equal(problemOf('<html>', 502).code, 'HTTP_502')
  t.equal(toProblemError(new TypeError('Failed to fetch')).code, 'UNREACHABLE')
  t.equal(toProblemError(new Error('x')).code, 'CONSOLE_FAULT')
  const own = new ProblemError({ code: 'A', message: 'b' })
  t.equal(toProblemError(own), own)
})
