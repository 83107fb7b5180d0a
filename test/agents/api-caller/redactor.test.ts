import t from 'tap'
import { createRedactor } from '../../../services/agents/api-caller/redactor.ts'
import { startServer } from '../../platform/http/local-server.ts'
import { openCaller } from './call-fixtures.ts'

const SECRET = 'hush-"hush"-0815'

const headers = { authorization: { $secret: 'API_TOKEN', prefix: 'Bearer ' } }

t.test('a secret is sent, and taken out of everything that comes back', async (t) => {
  const server = await startServer(t, (request, response) => {
    const sent = request.headers.authorization ?? ''
    response.setHeader('x-echo', sent)
    if (request.url === '/error') response.writeHead(400, { 'content-type': 'text/plain' })
    response.end(
      request.url === '/error'
        ? `no: ${sent}`
        : JSON.stringify({ sent, base64: Buffer.from(SECRET).toString('base64') }),
    )
  })
  const secrets = {
    grants: [{ name: 'API_TOKEN', origin: server.origin }],
    values: new Map([['API_TOKEN', SECRET]]),
  }
  const { call, contexts } = openCaller(t, { secrets })
  const outcome = await call({ url: server.origin, headers })
  t.match(outcome, { kind: 'done', output: { json: { sent: 'Bearer [redacted]', base64: '[redacted]' } } })
  const failed = await call({ url: `${server.origin}/error`, headers })
  t.match(failed, { kind: 'fail', error: { message: /no: Bearer \[redacted\]/ } })
  t.equal(server.seen[0]?.headers.authorization, `Bearer ${SECRET}`)
  const logged = contexts.flatMap((context) => context.logged)
  t.ok(logged.length > 0)
  t.notMatch(JSON.stringify([outcome, failed, logged]), /hush/)
})

t.test('every spelling of a secret is taken out, and cookies with it', async (t) => {
  const secret = 'a "b"/c d'
  const { text, answer } = createRedactor([secret])
  const spellings = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), btoa(secret)]
  for (const spelling of spellings) t.equal(text(`<${spelling}>`), '<[redacted]>', spelling)
  const redacted = answer({
    status: 200,
    url: new URL(`https://api.example/?k=${encodeURIComponent(secret)}`),
    headers: { 'x-echo': secret, 'set-cookie': 's=1' },
    body: Buffer.from(`1${secret}2${btoa(secret)}`),
  })
  t.equal(redacted.url.href, 'https://api.example/?k=[redacted]')
  t.strictSame(redacted.headers, { 'x-echo': '[redacted]' })
  t.equal(Buffer.from(redacted.body).toString(), '1[redacted]2[redacted]')
})

t.test('of secrets that contain each other the longer one goes first', async (t) => {
  t.equal(createRedactor(['hush-hush', 'hush-hush-0815']).text('hush-hush-0815!'), '[redacted]!')
  t.equal(createRedactor([]).text('nothing to hide'), 'nothing to hide')
})

/** A generator with a seed: the same cases at every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

t.test('whatever the secret and wherever it stands, no spelling gets through', async (t) => {
  const next = numbers(17)
  const text = (length: number) =>
    Array.from({ length }, () => String.fromCharCode(next(20) === 0 ? 0xa1 + next(90) : 33 + next(94))).join(
      '',
    )
  const reversed = (value: string) => [...value].reverse().join('')
  const everyByte = (value: string, prefix: string) =>
    [...Buffer.from(value)].map((byte) => prefix + byte.toString(16).padStart(2, '0')).join('')
  const mixed = (value: string) =>
    [...Buffer.from(value)]
      .map((byte) =>
        next(2) === 0 || byte > 126 ? `%${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte),
      )
      .join('')
  let kept = 0
  for (let round = 0; round < 300; round++) {
    const secret = text(8 + next(60))
    const redactor = createRedactor([secret])
    const before = text(next(7))
    const around = Buffer.from(`${before}${secret}${text(next(7))}`)
    const bytes = Buffer.from(secret)
    // What of the base64 of the whole is decided by the secret alone.
    const from = Math.ceil((8 * Buffer.byteLength(before)) / 6)
    const core = (encoded: string) =>
      encoded.slice(from, Math.floor((8 * (Buffer.byteLength(before) + bytes.length)) / 6))
    const cases: [what: string, spelling: string, needle: string][] = [
      ['plain', secret, secret],
      ['json', JSON.stringify(secret).slice(1, -1), JSON.stringify(secret).slice(1, -1)],
      ['uri', encodeURIComponent(secret), encodeURIComponent(secret)],
      ['all percent', everyByte(secret, '%'), everyByte(secret, '%')],
      ['upper percent', everyByte(secret, '%').toUpperCase(), everyByte(secret, '%').toUpperCase()],
      ['base64', around.toString('base64'), core(around.toString('base64'))],
      ['base64url', around.toString('base64url'), core(around.toString('base64url'))],
      ['hex', around.toString('hex'), bytes.toString('hex')],
      ['HEX', around.toString('hex').toUpperCase(), bytes.toString('hex').toUpperCase()],
      ['hex with colons', everyByte(secret, ':').slice(1), everyByte(secret, ':').slice(1)],
      ['reversed', reversed(secret), reversed(secret)],
      ['hex reversed', reversed(bytes.toString('hex')), reversed(bytes.toString('hex'))],
      ['base64 reversed', reversed(around.toString('base64')), reversed(core(around.toString('base64')))],
    ]
    const some = mixed(secret)
    cases.push(['some percent', some, some])
    for (const [what, spelling, needle] of cases) {
      const body = `<${spelling}>`
      const asText = redactor.text(body)
      const asBytes = Buffer.from(
        redactor.answer({
          status: 200,
          url: new URL('https://a.example'),
          headers: {},
          body: Buffer.from(body),
        }).body,
      ).toString()
      if (!asText.includes(needle) && asText === asBytes && asText.includes('[redacted]')) continue
      kept++
      t.fail(`${what} of ${JSON.stringify(secret)}: ${asText}`)
    }
  }
  t.equal(kept, 0)
})

t.test('what is no secret stays as it is, and the cost is linear', async (t) => {
  const redactor = createRedactor(['hush-hush-0815', 'aaaaaaaaaaaaaaaa'])
  const binary = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 37) % 251))
  const same = (body: Uint8Array) =>
    redactor.answer({ status: 200, url: new URL('https://a.example'), headers: {}, body }).body
  t.equal(same(binary), binary, 'the very same bytes')
  const near = Buffer.from(`${'aaaaaaaaaaaaaaab'.repeat(65_536)}${'%61'.repeat(15)}b`)
  const elapsed = (body: Buffer) => {
    const from = performance.now()
    same(body)
    return performance.now() - from
  }
  elapsed(near)
  const [one, four] = [elapsed(near), elapsed(Buffer.concat([near, near, near, near]))]
  t.ok(four < 12 * one + 200, `${one.toFixed(0)} ms for 1 MiB, ${four.toFixed(0)} ms for 4`)
})
