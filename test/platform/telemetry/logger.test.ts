import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { createLogger, type Log } from '#platform/telemetry/logger.ts'
import { redact } from '#platform/telemetry/redact.ts'

/** A log, and a way to see what it wrote last. */
function setUp(logLevel: 'debug' | 'info' = 'info'): {
  log: Log
  last(): Record<string, unknown>
  lines: string[]
} {
  const lines: string[] = []
  const sink = { write: (line: string) => void lines.push(line) }
  return {
    log: createLogger('orchestrator', { logLevel, instance: 'o-1' }, sink),
    last: () => JSON.parse(lines.at(-1)!),
    lines,
  }
}

t.test('a log says whether lines at debug are written, and so do its children', async (t) => {
  t.equal(setUp('debug').log.debugs, true)
  t.equal(setUp('info').log.debugs, false)
  t.equal(setUp('debug').log.child({ agent: 'x' }).debugs, true)
})

t.test('a line says when, who, how bad and what', async (t) => {
  const { log, last, lines } = setUp()
  log.info({ partition: 7 }, 'partition taken')
  t.match(last(), {
    level: 'info',
    time: /^\d{4}-\d\d-\d\dT.*Z$/,
    service: 'orchestrator',
    instance: 'o-1',
    partition: 7,
    message: 'partition taken',
  })
  log.debug({}, 'below the level')
  t.equal(lines.length, 1)
})

t.test('secrets are redacted under any telling name, at any depth, in child logs too', async (t) => {
  const { log, lines } = setUp()
  const secrets = {
    authorization: 'hunter2',
    Cookie: 'hunter2',
    'set-cookie': ['hunter2'],
    password: 'hunter2',
    access_token: 'hunter2',
    'x-api-key': 'hunter2',
    clientSecret: { value: 'hunter2' },
    apiKey: 'hunter2',
  }
  log.info(secrets, 'at the top')
  log.info({ request: { headers: [secrets] }, map: new Map([['token', 'hunter2']]) }, 'deep')
  log.child({ session: secrets }).warn({}, 'bindings')
  t.equal(lines.length, 3)
  t.notMatch(lines.join(''), /hunter2/)
  t.match(lines.join(''), '[redacted]')
})

t.test(
  'credentials inside texts are redacted: URLs, bearer tokens, messages, errors and their causes',
  async (t) => {
    const { log, lines, last } = setUp()
    const cause = new Error('connect redis://:hunter2@redis failed')
    const error = new MurmurError('UNAVAILABLE', 'call with Bearer hunter2hunter2 failed', { cause })
    log.error({ err: error, url: 'nats://user:hunter2@nats:4222' }, 'see http://user:hunter2@host/')
    log.error(error, 'an error in place of the fields')
    t.notMatch(lines.join(''), /hunter2/)
    t.match(last(), { err: { type: 'MurmurError', code: 'UNAVAILABLE', cause: { message: /redacted/ } } })
    t.match(last(), { err: { stack: /logger\.test/ } }, 'the stack is kept')
  },
)

t.test('hostile records are cut to size and do no harm', async (t) => {
  const cycle: Record<string, unknown> = { name: 'cycle' }
  cycle.self = cycle
  let deep: object = {}
  for (let i = 0; i < 10_000; i++) deep = { deep }
  const { log, last, lines } = setUp()
  log.info({ cycle, deep, bytes: Buffer.alloc(1e6), big: 10n, call: () => 1, when: new Date(0) }, 'odd')
  t.match(last(), {
    cycle: { self: '[circular]' },
    bytes: '[1000000 bytes]',
    big: '10',
    when: '1970-01-01T00:00:00.000Z',
  })
  t.ok(lines[0]!.length < 2000)
  log.info(JSON.parse('{"body":{"__proto__":{"polluted":1},"constructor":2}}'), 'keys of JSON')
  t.match(lines.at(-1), '"__proto__":{"polluted":1}')
  t.equal(({} as Record<string, unknown>).polluted, undefined)
  t.equal(Object.keys(redact(Array.from({ length: 1000 }, (_, i) => i))).length, 200)
})
