import { hostileBodies } from './hostile-json.ts'

export interface NatsCase {
  name: string
  subject: string
  payload: Buffer
  headers?: string
}

/** Lists, gets and cancels what can't be. */
const REQUESTS: [service: string, bodies: unknown[]][] = [
  [
    'murmur.tasks.get',
    [
      null,
      [],
      {},
      1,
      'x',
      { taskId: 1 },
      { taskId: '' },
      { taskId: '*' },
      { taskId: 'a.b' },
      { taskId: 'x'.repeat(65) },
      { taskId: 'tnone' },
      { taskId: 'tnone', more: 1 },
      { taskid: 'x' },
      { taskId: ['x'] },
      { taskId: { $ne: '' } },
      { taskId: 'a\u0000' },
      { taskId: '../x' },
    ],
  ],
  [
    'murmur.tasks.list',
    [
      null,
      [],
      1,
      'x',
      { limit: 0 },
      { limit: 501 },
      { limit: '5' },
      { limit: 1.5 },
      { status: 'x' },
      { status: null },
      { type: '*' },
      { labels: [] },
      { labels: { a: 1 } },
      { labels: { '': 'x' } },
      { createdFromMs: -1 },
      { createdFromMs: 'x' },
      { createdBeforeMs: null, limit: -1 },
      { cursor: '' },
      { cursor: 'AAAA' },
      { cursor: 1 },
      { cursor: 'A'.repeat(300) },
      { tenant: 'other' },
      { partition: 1 },
    ],
  ],
  [
    'murmur.tasks.cancel',
    [
      null,
      [],
      {},
      { taskId: 'tnone' },
      { taskId: 1 },
      { taskId: '>' },
      { taskId: 'tnone', reason: 1 },
      { taskId: 'tnone', reason: 'x'.repeat(2000) },
      { taskId: 'tnone', force: true },
    ],
  ],
  [
    'murmur.plans.check',
    [
      null,
      [],
      1,
      'x',
      {},
      { type: 'no-such-type' },
      { type: 'plan' },
      { type: 'plan', plan: {} },
      { type: 'plan', plan: { steps: [] } },
      { type: 'plan', tenant: 'x' },
    ],
  ],
  [
    'murmur.tasks.watch',
    [
      null,
      [],
      {},
      1,
      { taskId: 'tnone' },
      { taskId: '*' },
      { taskId: 1 },
      { taskId: 'tnone', afterRev: -1 },
      { taskId: 'tnone', afterRev: 'x' },
      { taskId: 'tnone', forMs: -1 },
      { taskId: 'tnone', forMs: 1e12 },
      { taskId: 'tnone', x: 1 },
    ],
  ],
]

/** Requests that are wrong, for the services on NATS; each has to be answered with a problem. */
export function natsCases(): NatsCase[] {
  const submissions = hostileBodies()
    .filter(([, body]) => body.length < 1_000_000)
    .map(([name, payload]) => ({ name: `submit: ${name}`, subject: 'murmur.tasks.submit', payload }))
  const requests = REQUESTS.flatMap(([subject, bodies]) => [
    ...bodies.map((body) => ({
      name: `${subject} ${JSON.stringify(body).slice(0, 60)}`,
      subject,
      payload: Buffer.from(JSON.stringify(body)),
    })),
    ...['{', 'x', '\0', '{"taskId":"x"', `${'['.repeat(5000)}`].map((text) => ({
      name: `${subject} ${JSON.stringify(text).slice(0, 40)}`,
      subject,
      payload: Buffer.from(text),
    })),
  ])
  const tenants = ['*', 'a', 'x'.repeat(200), 'default', '$SYS', '__proto__'].map((tenant) => ({
    name: `tenant ${tenant.slice(0, 20)}`,
    subject: `murmur.tenants.${tenant}.tasks.get`,
    payload: Buffer.from('{"taskId":"tnone"}'),
  }))
  const VALID = '{"type":"plan","plan":{"steps":[{"id":"a","agent":"nobody-ever"}]}}'
  const headers = [
    'traceparent: x',
    'traceparent: 00-00000000000000000000000000000000-0000000000000000-01',
    `X: ${'y'.repeat(4000)}`,
    'Nats-Msg-Id: a b',
    ': x',
    'Nats-Expected-Stream: OTHER',
  ].map((header) => ({
    name: `header ${header.slice(0, 40)}`,
    subject: 'murmur.tasks.submit',
    payload: Buffer.from(VALID),
    headers: `NATS/1.0\r\n${header}\r\n\r\n`,
  }))
  return [...submissions, ...requests, ...tenants.filter(({ subject }) => !subject.includes('*')), ...headers]
}
