import { hostileBodies } from './hostile-json.ts'
import { type RawRequest, submits } from './raw-http.ts'

export interface HttpCase {
  name: string
  request: RawRequest
  /** 2xx is right: it is odd, but there is nothing wrong with it. */
  isFine?: boolean
}

const VALID = '{"type":"plan","delayMs":1,"plan":{"steps":[{"id":"a","agent":"noop-a"}]}}'

/** Requests that a client would not send, for REST: what is wrong with each is its name. */
export function httpCases(): HttpCase[] {
  return [
    ...hostileBodies().map(([name, body]) => ({ name: `submit: ${name}`, request: submits(body) })),
    ...paths(),
    ...queries(),
    ...headers(),
    ...types(),
    ...methods(),
  ]
}

function paths(): HttpCase[] {
  const ids = [
    '*',
    '>',
    '..',
    '.',
    '%2e%2e',
    '%2e%2e%2f%2e%2e',
    '..%2f..%2fetc%2fpasswd',
    '%00',
    'a%00b',
    '%',
    '%zz',
    '%c0%af',
    '%ff',
    'a.b',
    'a*',
    'a b',
    'a%20b',
    'a%0d%0aX:1',
    '%0a',
    'x'.repeat(65),
    'x'.repeat(300),
    'x'.repeat(4000),
    '__proto__',
    'constructor',
    "';drop",
    '<script>',
    '%3Cscript%3E',
    '$%7Bx%7D',
    '{{x}}',
    '%F0%9F%92%A9',
    'murmur',
    'null',
    'undefined',
    '-1',
    '0',
    '1e9',
    'tasks',
    ';a=b',
    'a;b',
    '\\..\\x',
    '%5c..%5c',
  ]
  const around = ['/v1/tasks/ID', '/v1/tasks/ID/events', '/v1/alerts/ID', '/v1/objects/ID']
  const absolute = [
    '/',
    '//',
    '///v1/tasks/x',
    '/v1',
    '/v1/',
    '/v1/tasks/',
    '/v1/../v1/none',
    '/v2/tasks',
    '/V1/TASKS',
    '/v1/tasks%2fx',
    '/v1//tasks',
    '/metrics',
    '/.env',
    '/admin',
    '/v1/tasks/x/y/z',
    '/v1/objects/',
    '/v1/objects//',
    '/v1/objects/../../etc/passwd',
    '/v1/objects/uploads/../../x',
    '/v1/objects/uploads%2f..%2f..',
    '*',
    'http://example.org/v1/tasks/x',
    'x',
    '',
    `/${'a/'.repeat(2000)}`,
    `/v1/tasks/${'x'.repeat(20_000)}`,
  ]
  return [
    ...around.flatMap((path) =>
      ids.map((id) => ({
        name: `path ${path.replace('ID', id).slice(0, 60)}`,
        request: { path: path.replace('ID', id) },
      })),
    ),
    ...absolute.map((path) => ({ name: `path ${JSON.stringify(path.slice(0, 60))}`, request: { path } })),
  ]
}

function queries(): HttpCase[] {
  const bad = [
    'limit=-1',
    'limit=0',
    'limit=501',
    'limit=1.5',
    'limit=NaN',
    'limit=1e2',
    'limit=',
    'limit=9999999999999999999',
    'limit[]=1',
    'limit=1&limit=1',
    'status=x',
    'status=',
    'type=a.b',
    'type=*',
    'label=',
    'label=a',
    'label=:b',
    `label=${'a'.repeat(100)}:b`,
    'createdFrom=yesterday',
    'createdFrom=-1',
    'createdFrom=2026-99-99T00:00:00Z',
    'createdBefore=x',
    'cursor=',
    'cursor=AAAA',
    'cursor=../..',
    `cursor=${'A'.repeat(300)}`,
    'tenant=other',
    '__proto__=1',
    '__proto__[x]=1',
    'constructor=1',
    'x=1',
    '=1',
    '%00=1',
    'limit=%00',
    'limit=1%0a',
    `${'a'.repeat(3000)}=1`,
    Array.from({ length: 20 }, (_, i) => `label=l${i}:x`).join('&'),
  ]
  return bad.map((query) => ({
    name: `query ${query.slice(0, 60)}`,
    request: { path: `/v1/tasks?${query}` },
  }))
}

function headers(): HttpCase[] {
  const on = (name: string, value: string | Buffer): HttpCase => ({
    name: `header ${name}: ${value.toString('latin1').slice(0, 40)}`,
    request: submits(VALID, [[name, value]]),
  })
  const hosts = [
    'example.org',
    '127.0.0.1.example.org',
    '169.254.169.254',
    '',
    'a b',
    '127.0.0.1:99999999',
    '[::1',
    'localhost@example.org',
    'LOCALHOST.',
    '0.0.0.0',
    '2130706433',
  ]
  return [
    ...hosts.map((host) => on('Host', host)),
    ...['http://example.org', 'null', 'http://127.0.0.1.example.org', 'file://', 'x'].map((origin) =>
      on('Origin', origin),
    ),
    ...['', 'k'.repeat(300)].map((key) => on('Idempotency-Key', key)),
    {
      name: 'header Idempotency-Key twice',
      request: submits(VALID, [
        ['Idempotency-Key', 'a'],
        ['Idempotency-Key', 'b'],
      ]),
    },
    {
      name: 'key in header and body differ',
      request: submits(VALID.replace('{', '{"idempotencyKey":"a",'), [['Idempotency-Key', 'b']]),
    },
    ...['-1', '1e3', '0x10', '99999999999999999999', '5, 6', 'x', '+5'].map((length) =>
      on('Content-Length', length),
    ),
    {
      name: 'length and chunks',
      request: submits('0\r\n\r\n', [
        ['Content-Length', '5'],
        ['Transfer-Encoding', 'chunked'],
      ]),
    },
    {
      name: 'lengths that differ',
      request: submits(VALID, [
        ['Content-Length', '5'],
        ['Content-Length', '500'],
      ]),
    },
    { name: 'odd transfer encoding', request: submits('x', [['Transfer-Encoding', 'chunked, identity']]) },
    { name: 'broken chunk', request: submits('zz\r\nabc\r\n0\r\n\r\n', [['Transfer-Encoding', 'chunked']]) },
    {
      name: 'negative chunk',
      request: submits('-5\r\nabc\r\n0\r\n\r\n', [['Transfer-Encoding', 'chunked']]),
    },
    {
      name: 'huge chunk size',
      request: submits('ffffffffffffffff\r\nabc', [['Transfer-Encoding', 'chunked']]),
    },
    on('X-Long', 'x'.repeat(20_000)),
    {
      name: 'a thousand headers',
      request: {
        headers: Array.from({ length: 1500 }, (_, i): [string, string] => [
          `X-${i}`,
          'some value of a header',
        ]),
      },
    },
    on('X-Nul', Buffer.from('a\0b')),
    on('X-Bytes', Buffer.from([0x7f, 0x01, 0x02])),
    { name: 'header name with a space', request: { headers: [['X Y', '1']] } },
    { name: 'empty header name', request: { headers: [['', '1']] } },
    { name: 'folded header', request: { headers: [['X-A', 'a\r\n b: c']], path: '/v1/none' } },
    { name: 'line feeds alone', request: { headers: [['X-A', 'a\nX-B: c']], path: '/v1/none' } },
    ...['HTTP/0.9', 'HTTP/3.0', 'HTTP/1.11', 'http/1.1', 'HTTPS/1.1', ''].map((version) => ({
      name: `version ${version}`,
      request: { version, path: '/v1/none' },
    })),
    {
      name: 'upgrade',
      request: {
        path: '/v1/none',
        headers: [
          ['Connection', 'Upgrade'],
          ['Upgrade', 'websocket'],
        ] as [string, string][],
      },
    },
    {
      name: 'expectation',
      request: {
        ...submits('{'),
        headers: [
          ['Content-Type', 'application/json'],
          ['Expect', 'a miracle'],
        ] as [string, string][],
      },
    },
  ]
}

function types(): HttpCase[] {
  const bad = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/jsonx',
    'json',
    '',
    ';',
    'application/json/x',
    'application/grpc',
    'application/octet-stream',
    '*/*',
    'text/json',
  ]
  return [
    ...bad.map((type) => ({ name: `type ${type}`, request: submits(VALID, [['Content-Type', type]]) })),
    {
      name: 'gzip that is said to be one',
      request: submits(VALID, [
        ['Content-Type', 'application/json'],
        ['Content-Encoding', 'gzip'],
      ]),
    },
  ]
}

function methods(): HttpCase[] {
  const bad = [
    'PUT',
    'PATCH',
    'DELETE',
    'TRACE',
    'CONNECT',
    'get',
    'POST2',
    'BREW',
    'PROPFIND',
    'M-SEARCH',
    'X'.repeat(300),
    'GE T',
    '\0GET',
  ]
  return bad.map((method) => ({ name: `method ${method.slice(0, 20)}`, request: { method } }))
}
