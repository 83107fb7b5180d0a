import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { HttpCallError, toHttpCallError } from '#platform/http/http-call-error.ts'

const host = 'api.example.org'
const thrown = (code: string) => Object.assign(new Error('secret header'), { code })

t.test(
  'whether a request may have arrived: only what failed before it was sent may be repeated',
  async (t) => {
    for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED'])
      t.match(toHttpCallError(thrown(code), { host, hops: 0 }), { mayHaveArrived: false }, code)
    for (const code of ['ECONNRESET', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_SOCKET'])
      t.match(toHttpCallError(thrown(code), { host, hops: 0 }), { mayHaveArrived: true }, code)
    const redirected = toHttpCallError(thrown('ECONNREFUSED'), { host, hops: 1 })
    t.match(redirected, { mayHaveArrived: true }, 'the request before the redirect had arrived')
  },
)

t.test('codes: timeouts, headers that are too large, and all else', async (t) => {
  const codeOf = (error: unknown) => toHttpCallError(error, { host, hops: 0 }).code
  t.equal(codeOf(thrown('UND_ERR_BODY_TIMEOUT')), 'UPSTREAM_TIMEOUT')
  t.equal(codeOf(Object.assign(new Error('late'), { name: 'TimeoutError' })), 'UPSTREAM_TIMEOUT')
  t.equal(codeOf(thrown('UND_ERR_HEADERS_OVERFLOW')), 'LIMIT_EXCEEDED')
  t.equal(codeOf(thrown('EPIPE')), 'UPSTREAM_ERROR')
  t.equal(codeOf('a text'), 'UPSTREAM_ERROR')
})

t.test('the text of a library stays in the cause; our own errors are passed on', async (t) => {
  const error = toHttpCallError(thrown('EPIPE'), { host, hops: 0 })
  t.ok(error instanceof HttpCallError)
  t.equal(error.message, 'the call of api.example.org broke off: EPIPE')
  t.match(error.cause, { message: 'secret header' })
  const own = new MurmurError('ADDRESS_FORBIDDEN', 'x')
  t.equal(toHttpCallError(own, { host, hops: 0 }), own)
})
