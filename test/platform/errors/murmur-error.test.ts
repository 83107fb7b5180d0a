import t from 'tap'
import { MurmurError, messageOf, toProblem } from '#platform/errors/murmur-error.ts'
import { ERRORS } from '#schemas/problem.ts'

t.test('an error goes over the wire and comes back as it was', async (t) => {
  const issues = [{ path: 'plan.steps', message: 'must not be empty' }]
  const error = new MurmurError('OVERLOADED', 'too much', {
    issues,
    retryAfterMs: 250,
    cause: new Error('x'),
  })
  const problem = error.toProblem()
  t.strictSame(problem, {
    code: 'OVERLOADED',
    status: ERRORS.OVERLOADED.status,
    message: 'too much',
    fix: ERRORS.OVERLOADED.fix,
    issues,
    retryAfterMs: 250,
  })
  const back = MurmurError.fromProblem(problem)
  t.match(back, { name: 'MurmurError', code: 'OVERLOADED', message: 'too much', issues, retryAfterMs: 250 })
  t.equal(back.cause, undefined, 'a cause stays where it was')
  t.strictSame(Object.keys(new MurmurError('INTERNAL', 'x').toProblem()), [
    'code',
    'status',
    'message',
    'fix',
  ])
})

t.test('what is no MurmurError is INTERNAL, and its text stays inside', async (t) => {
  t.match(toProblem(new Error('password hunter2')), { code: 'INTERNAL', status: 500 })
  t.notMatch(JSON.stringify(toProblem(new Error('password hunter2'))), /hunter2/)
  t.match(toProblem(undefined), { code: 'INTERNAL' })
})

t.test('anything that is thrown has a text', async (t) => {
  t.equal(messageOf(new TypeError('broken')), 'broken')
  t.equal(messageOf('text'), 'text')
  t.equal(messageOf(undefined), 'undefined')
  t.equal(messageOf(7n), '7')
  t.equal(messageOf(Object.create(null)), 'something that has no text was thrown')
  t.equal(messageOf(Object.assign(new Error('x'), { message: 5 })), '5')
})
