import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { discoverIssuer, getJson, isSafeUrl, postForm } from '#platform/http/oidc.ts'

t.test('secrets go over https, or stay on this machine', async (t) => {
  for (const good of ['https://a.example', 'http://localhost:1', 'http://127.0.0.1', 'http://[::1]:8'])
    t.ok(isSafeUrl(good), good)
  for (const bad of [
    'http://a.example',
    'http://127.0.0.1.example',
    'ftp://localhost',
    'x',
    'http://localhost.example',
  ])
    t.notOk(isSafeUrl(bad), bad)
})

t.test('an issuer says what it is, and of nobody else', async (t) => {
  let answer = (response: ServerResponse) => void response.end('{}')
  const server = createServer((_request, response) => answer(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const metadata = { issuer, jwks_uri: `${issuer}/keys`, token_endpoint: `${issuer}/token` }
  const say = (body: unknown, status = 200) => {
    answer = (response) =>
      void response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
  }
  say(metadata)
  t.strictSame(await discoverIssuer(issuer), metadata)
  for (const [body, status] of [
    [{ ...metadata, issuer: 'https://other.example' }, 200],
    [{ ...metadata, jwks_uri: 'http://keys.example.org' }, 200],
    [{ ...metadata, token_endpoint: 'http://token.example.org' }, 200],
    [{ issuer }, 200],
    [metadata, 404],
    ['<html>', 200],
    ['"'.padEnd(300_000, 'x'), 200],
  ] as const) {
    say(body, status)
    await t.rejects(discoverIssuer(issuer), { code: 'UNAVAILABLE' }, JSON.stringify(body).slice(0, 80))
  }
  await t.rejects(discoverIssuer('http://issuer.example.org'), { code: 'UNAVAILABLE', message: /https/ })
  answer = (response) => void response.writeHead(302, { location: `${issuer}/elsewhere` }).end()
  await t.rejects(
    postForm(`${issuer}/token`, { refresh_token: 'secret' }),
    { code: 'UNAVAILABLE' },
    'it goes nowhere else',
  )
  say({ error: 'no' }, 400)
  t.strictSame(await getJson(issuer), { status: 400, body: { error: 'no' } })
})
