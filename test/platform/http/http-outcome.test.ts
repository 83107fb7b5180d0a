import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { HttpCallError } from '#platform/http/http-call-error.ts'
import { type ClassifyOptions, classifyAnswer, classifyError } from '#platform/http/http-outcome.ts'

const classify = (
  status: number,
  headers: Record<string, string> = {},
  options: Partial<ClassifyOptions> = {},
) => classifyAnswer({ status, headers }, { nowMs: 0, ...options })

t.test('which answers are tried again', async (t) => {
  for (const status of [200, 202, 204]) t.match(classify(status), { kind: 'done' }, String(status))
  for (const status of [301, 307, 400, 401, 404, 410, 413, 422])
    t.match(classify(status), { kind: 'permanent' }, String(status))
  for (const status of [408, 425, 429])
    t.match(classify(status), { kind: 'retry', countsAgainstHost: false }, String(status))
  for (const status of [500, 502, 503, 504])
    t.match(classify(status), { kind: 'retry', countsAgainstHost: true }, String(status))
  t.match(classify(503, { 'retry-after': '7' }), { afterMs: 7000 })
})

t.test('server errors that do not say that they may pass are the choice of the caller', async (t) => {
  for (const status of [501, 505, 520, 599]) {
    t.strictSame(classify(status), {
      kind: 'permanent',
      code: 'UPSTREAM_ERROR',
      why: `answered with status ${status}`,
    })
    t.match(classify(status, {}, { serverErrors: 'all' }), { kind: 'retry', countsAgainstHost: true })
  }
  t.match(classify(499, {}, { serverErrors: 'all' }), { kind: 'permanent' })
})

t.test('success is what the caller wants, a redirect or an error too', async (t) => {
  const isSuccess = (status: number) => status === 404 || status === 503
  t.strictSame(classify(404, {}, { isSuccess }), { kind: 'done' })
  t.strictSame(classify(503, {}, { isSuccess }), { kind: 'done' })
  t.match(classify(200, {}, { isSuccess }), { kind: 'permanent', why: 'answered with status 200' })
})

t.test('only what was turned away before any work can be repeated without a key', async (t) => {
  for (const status of [425, 429]) t.match(classify(status), { mayHaveArrived: false }, String(status))
  for (const status of [408, 500, 502, 503, 504])
    t.match(classify(status), { mayHaveArrived: true }, String(status))
  t.notOk('afterMs' in classify(429), 'it asked for no wait')
})

t.test('errors of the client: no answer may pass, what is not allowed does not', async (t) => {
  const timeout = new HttpCallError('UPSTREAM_TIMEOUT', 'a.example did not answer in time', {
    mayHaveArrived: true,
  })
  t.strictSame(classifyError(timeout), {
    kind: 'retry',
    code: 'UPSTREAM_TIMEOUT',
    why: 'a.example did not answer in time',
    mayHaveArrived: true,
    countsAgainstHost: true,
  })
  const refused = new HttpCallError('UPSTREAM_ERROR', 'broke off', { mayHaveArrived: false })
  t.match(classifyError(refused), { kind: 'retry', mayHaveArrived: false })
  const tooLarge = new HttpCallError('LIMIT_EXCEEDED', 'too large headers', { mayHaveArrived: true })
  t.strictSame(classifyError(tooLarge), {
    kind: 'permanent',
    code: 'LIMIT_EXCEEDED',
    why: 'too large headers',
  })
  t.match(classifyError(new MurmurError('ADDRESS_FORBIDDEN', 'private')), { kind: 'permanent' })
  const bug = new TypeError('not ours')
  t.throws(() => classifyError(bug), bug)
})
