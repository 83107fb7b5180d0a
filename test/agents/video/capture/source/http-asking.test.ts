import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import type { Dispatcher } from 'undici'
import {
  createHttpAsking,
  refusedRequest,
  withHead,
} from '../../../../../services/agents/video/capture/source/http-asking.ts'
import { sourcePolicy } from '../../../../../services/agents/video/capture/source/source-policy.ts'
import { serveHttp } from '../local-http.ts'

const POLICY = sourcePolicy({
  networks: [{ tenant: '*', entry: '127.0.0.0/8' }],
  ports: [{ tenant: '*', entry: '*' }],
})
const ANNA = { user: 'anna', password: 'secret' }
const BASIC = `Basic ${Buffer.from('anna:secret').toString('base64')}`
const signal = new AbortController().signal

/** A source that wants to know who is there, and takes one user alone. */
async function guarded(t: Test, wanted = BASIC) {
  const seen: (string | undefined)[] = []
  const { url } = await serveHttp(t, ({ headers }, response) => {
    seen.push(headers.authorization)
    if (headers.authorization === wanted) return void response.end('pictures')
    response.writeHead(401, { 'www-authenticate': 'Basic realm="camera"' }).end('who is there?')
  })
  return { url: new URL(url), seen }
}

function askingOf(t: Test, first: URL, credentials?: typeof ANNA) {
  const asking = createHttpAsking(first, POLICY, credentials)
  t.teardown(() => asking.close())
  return asking
}

t.test('nothing is said unasked; once asked, a source is told at once', async (t) => {
  const { url, seen } = await guarded(t)
  const asking = askingOf(t, url, ANNA)
  const first = await asking.ask(url, {}, signal)
  t.equal(await text(first.body), 'pictures')
  await (await asking.ask(url, {}, signal)).body.dump()
  t.strictSame(seen, [undefined, BASIC, BASIC])
  asking.forget()
  await (await asking.ask(url, {}, signal)).body.dump()
  t.strictSame(seen.slice(3), [undefined, BASIC], 'forgotten: it challenges anew')
})

t.test('a source that refuses is not asked for ever', async (t) => {
  const { url, seen } = await guarded(t, 'Basic other')
  await t.rejects(askingOf(t, url, ANNA).ask(url, {}, signal), {
    code: 'CREDENTIALS_REFUSED',
    message: /refuses this user and password/,
  })
  t.equal(seen.length, 2)
  await t.rejects(askingOf(t, url).ask(url, {}, signal), {
    code: 'CREDENTIALS_REFUSED',
    message: /asks for a user and a password/,
  })
})

t.test('user and password are for the origin of the source alone', async (t) => {
  const [own, other] = [await guarded(t), await guarded(t)]
  const asking = askingOf(t, own.url, ANNA)
  await (await asking.ask(own.url, {}, signal)).body.dump()
  await t.rejects(asking.ask(other.url, {}, signal), { code: 'CREDENTIALS_REFUSED' })
  t.strictSame(other.seen, [undefined])
})

t.test('what is not allowed is never asked', async (t) => {
  const { url, seen } = await guarded(t)
  const strict = createHttpAsking(
    url,
    sourcePolicy({ networks: [], ports: [{ tenant: '*', entry: '*' }] }),
    ANNA,
  )
  t.teardown(() => strict.close())
  await t.rejects(strict.ask(url, {}, signal), { code: 'ADDRESS_FORBIDDEN' })
  t.strictSame(seen, [])
})

t.test('the first bytes of an answer, and the rest of it, are all of it', async (t) => {
  for (const parts of [['#EXTM3U\n...'], ['#', 'EX', 'TM3', 'U', 'more', 'yet'], ['#EX'], []]) {
    const answer = {
      body: Readable.from(parts.map((part) => Buffer.from(part))),
    } as unknown as Dispatcher.ResponseData
    const { head, rest } = await withHead(answer)
    const whole = parts.join('')
    t.ok(head.length >= Math.min(7, whole.length), JSON.stringify(parts))
    const left: Buffer[] = []
    for (let next = await rest.next(); !next.done; next = await rest.next()) left.push(next.value)
    t.equal(Buffer.concat([head, ...left]).toString(), whole)
  }
})

t.test('a refusal names the host and the status, and nothing of the address behind it', async (t) => {
  const { code, message } = refusedRequest(new URL('http://anna:secret@cam.local/live?token=t'), 404)
  t.equal(code, 'SOURCE_UNAVAILABLE')
  t.equal(message, 'cam.local answered with the status 404')
})
