import t from 'tap'
import { followRedirect, type Hop, isRedirect } from '#platform/http/redirect.ts'

const post: Hop = {
  url: new URL('https://a.example/x'),
  method: 'POST',
  headers: {
    authorization: 'hunter2',
    accept: '*/*',
    'content-type': 'text/plain',
    'idempotency-key': 'k',
    'x-own': '1',
  },
  body: 'text',
}
const same = new URL('https://a.example/y')

t.test('an answer sends elsewhere when its status and a location say so', async (t) => {
  for (const status of [301, 302, 303, 307, 308]) t.equal(isRedirect(status, '/y'), true, `${status}`)
  for (const status of [200, 300, 304, 305, 404]) t.equal(isRedirect(status, '/y'), false, `${status}`)
  t.equal(isRedirect(302, undefined), false)
})

t.test('a POST becomes a GET at 301, 302 and 303, without its body and what describes it', async (t) => {
  for (const status of [301, 302, 303])
    t.strictSame(followRedirect(post, status, same), {
      url: same,
      method: 'GET',
      headers: { authorization: 'hunter2', accept: '*/*', 'x-own': '1' },
      body: undefined,
    })
  for (const status of [307, 308])
    t.match(followRedirect(post, status, same), { method: 'POST', body: 'text' })
  t.match(followRedirect({ ...post, method: 'PUT' }, 302, same), { method: 'PUT', body: 'text' })
  t.match(followRedirect({ ...post, method: 'PUT' }, 303, same), { method: 'GET', body: undefined })
  t.match(followRedirect({ ...post, method: 'HEAD' }, 303, same), { method: 'HEAD' })
})

t.test('another origin, a port or a protocol included, sees harmless headers only', async (t) => {
  for (const target of ['https://b.example/', 'https://a.example:444/', 'http://a.example/'])
    t.strictSame(followRedirect(post, 307, new URL(target)).headers, {
      accept: '*/*',
      'content-type': 'text/plain',
      'idempotency-key': 'k',
    })
})
