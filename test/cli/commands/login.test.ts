import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
// @ts-expect-error it comes without types
import { Provider } from 'oidc-provider'
import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { loginCredential } from '../../../services/cli/login/login-credential.ts'
import { freePort } from '../../support/free-ports.ts'
import { withServers } from '../../support/servers.ts'
import { startService } from '../../support/services.ts'
import { runInProcess } from '../run-in-process.ts'
import { startMurmur } from '../run-murmur.ts'

// People log in at a real provider of OpenID Connect, by device authorization, and the edge takes what it gives.

const [issuerPort, edgePort] = [await freePort(), await freePort()]
const issuer = `http://127.0.0.1:${issuerPort}`
const edgeUrl = `http://127.0.0.1:${edgePort}`
/** What accounts are members of. */
const GROUPS: Record<string, string[]> = {
  anna: ['acme-dev', 'all'],
  otto: ['all'],
  mia: ['acme-dev', 'other-dev'],
}

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'murmur-cli',
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      response_types: [],
      redirect_uris: [],
    },
  ],
  findAccount: (_context: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
  extraTokenClaims: (_context: unknown, token: { accountId?: string }) => ({
    groups: GROUPS[token.accountId ?? ''] ?? [],
  }),
  scopes: ['openid', 'offline_access'],
  rotateRefreshToken: true,
  // Shorter than what a command takes for fresh: each asks for a new one.
  ttl: {
    AccessToken: 25,
    RefreshToken: 3600,
    DeviceCode: 600,
    Grant: 3600,
    Interaction: 600,
    Session: 600,
    IdToken: 600,
  },
  features: {
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: '',
        audience: edgeUrl,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 25,
      }),
    },
  },
})
const server = createServer(provider.callback())
await new Promise<void>((resolve) => server.listen(issuerPort, '127.0.0.1', resolve))
t.teardown(() => server.close())

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await startService(t, servers, 'services/edge/main.ts', {
  MURMUR_EDGE_AUTH: 'required',
  MURMUR_EDGE_PORT: String(edgePort),
  MURMUR_EDGE_JWT_ISSUER: issuer,
  MURMUR_EDGE_JWT_AUDIENCE: edgeUrl,
  MURMUR_EDGE_LOGIN_CLIENT_ID: 'murmur-cli',
  MURMUR_EDGE_JWT_CLAIM_RULES: JSON.stringify([
    { claim: 'groups', value: 'acme-dev', tenant: 'acme', scopes: ['tasks:read', 'tasks:write'] },
    { claim: 'groups', value: 'other-dev', tenant: 'other', scopes: ['tasks:read'] },
  ]),
})

/** A person's place: a home of its own. */
function seat() {
  const home = mkdtempSync(join(tmpdir(), 'murmur-login-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const { MURMUR_NATS_URL: _nats, MURMUR_REDIS_URL: _redis, ...rest } = process.env
  const env = { ...rest, MURMUR_HOME: home, NO_COLOR: '1', MURMUR_EDGE_URL: edgeUrl }
  const murmur = (...args: string[]) => runInProcess(args, { folder: home, env })
  return { home, env, murmur, file: join(home, 'logins.json') }
}

/** What a browser does, as far as the provider's pages need it: cookies, redirects, one form a page. */
async function decide(address: string, account: string): Promise<string> {
  const cookies = new Map<string, string>()
  const visit = async (url: string, form?: URLSearchParams): Promise<{ url: string; page: string }> => {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: form }),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location) return visit(new URL(location, url).href)
    return { url, page: await response.text() }
  }
  let at = await visit(address)
  for (let pages = 0; pages < 8; pages++) {
    const action = /<form[^>]* action="([^"]+)"/.exec(at.page)?.[1]
    if (action === undefined || /Sign-in Success/.test(at.page)) return at.page
    const form = new URLSearchParams()
    for (const [input] of at.page.matchAll(/<input[^>]*>/g)) {
      const name = /name="([^"]+)"/.exec(input)?.[1]
      if (name) form.set(name, /value="([^"]*)"/.exec(input)?.[1] ?? '')
    }
    if (form.has('login')) form.set('login', account)
    if (form.has('password')) form.set('password', 'x')
    at = await visit(new URL(action, at.url).href, form)
  }
  throw new Error(`no end: ${at.page}`)
}

/** Logs in as this account, to the end of the command. */
async function logIn({ home, env }: ReturnType<typeof seat>, account: string) {
  const running = startMurmur(['login'], { cwd: home, env })
  t.teardown(() => running.child.kill('SIGKILL'))
  await running.wrote(/Open \S+\n[\s\S]*\n/)
  const [, address = ''] = /Open (\S+)/.exec(running.err()) ?? []
  t.match(await decide(address, account), /Sign-in Success/)
  const code = await running.ended
  return { code, err: running.err() }
}

t.test('the edge tells where people get tokens, and commands need one', async (t) => {
  const response = await fetch(`${edgeUrl}/.well-known/oauth-protected-resource`)
  t.match(await response.json(), {
    resource: edgeUrl,
    authorization_servers: [issuer],
    murmur_cli_client_id: 'murmur-cli',
  })
  const { murmur } = seat()
  t.match(await murmur('list'), { code: 2, err: /UNAUTHENTICATED[\s\S]*murmur login/ })
})

t.test(
  'device authorization: the token is kept for its owner alone, works, is renewed, and ends with logout',
  async (t) => {
    const anna = seat()
    const { code, err } = await logIn(anna, 'anna')
    t.equal(code, 0, err)
    t.match(err, /check that it shows the code [A-Z]{4}-[A-Z]{4}/)
    t.equal(statSync(anna.file).mode & 0o777, 0o600)
    t.equal((await anna.murmur('list')).code, 0)
    const tokens = () => {
      const { logins } = JSON.parse(readFileSync(anna.file, 'utf8')) as {
        logins: Record<string, { accessToken: string; refreshToken: string }>
      }
      return logins[edgeUrl]!
    }
    const before = tokens()
    t.match(before, { accessToken: /^ey/, refreshToken: String })
    const plan = {
      type: 'plan',
      delayMs: 3_600_000,
      plan: { steps: [{ id: 'a', approval: { title: 'Well?' } }] },
    }
    writeFileSync(join(anna.home, 'plan.json'), JSON.stringify(plan))
    const submitted = await anna.murmur('submit', 'plan.json', '--json')
    t.equal(submitted.code, 0, submitted.err)
    const shown = await anna.murmur('show', String(submitted.json().taskId), '--json')
    t.match(shown.json(), { task: { tenant: 'acme' } }, 'the tenant is that of the rule')
    const renewed = tokens()
    t.not(renewed.accessToken, before.accessToken, 'renewed before it ended')
    t.not(renewed.refreshToken, before.refreshToken)
    t.match(
      await anna.murmur('agents'),
      { code: 2, err: /PERMISSION_DENIED[\s\S]*agents:read/ },
      'and so are the scopes',
    )
    // The provider ends the whole grant where a refresh token comes twice.
    const both = await Promise.all([1, 2, 3].map(() => loginCredential(anna.home, edgeUrl, systemClock)!()))
    t.ok(both.every((token) => token.startsWith('ey')))
    t.equal((await anna.murmur('list')).code, 0, 'several commands at once renew it one after the other')
    const last = tokens()
    t.equal((await anna.murmur('logout')).code, 0)
    t.match(await anna.murmur('list'), { code: 2, err: /UNAUTHENTICATED/ })
    const form = { grant_type: 'refresh_token', client_id: 'murmur-cli', refresh_token: last.refreshToken }
    const refused = await fetch(`${issuer}/token`, { method: 'POST', body: new URLSearchParams(form) })
    t.equal(refused.status, 400, 'the issuer gives nothing for it any more')
  },
)

t.test('who is in no group of a tenant, or in those of two, is nobody', async (t) => {
  for (const account of ['otto', 'mia']) {
    const person = seat()
    const { code, err } = await logIn(person, account)
    t.equal(code, 1, account)
    t.match(err, /LOGIN_FAILED[\s\S]*does not take the token/)
    t.throws(() => statSync(person.file), { code: 'ENOENT' }, 'nothing is kept')
  }
})

t.test('a file that others may read is not read', async (t) => {
  const { file, murmur } = seat()
  writeFileSync(file, '{"v":1,"logins":{}}', { mode: 0o644 })
  t.match(await murmur('list'), { code: 2, err: /FILE_UNREADABLE[\s\S]*may be read by others/ })
})

t.test('a token goes nowhere by mistake', async (t) => {
  const { murmur } = seat()
  t.match(await murmur('--edge', 'http://edge.example.org', 'login'), { code: 2, err: /plain text/ })
  const other = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        resource: edgeUrl,
        authorization_servers: [issuer],
        murmur_cli_client_id: 'murmur-cli',
      }),
    )
  })
  const port = await freePort()
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve))
  t.teardown(() => other.close())
  const { code, err } = await murmur('--edge', `http://127.0.0.1:${port}`, 'login')
  t.equal(code, 2)
  t.match(
    err,
    /wants a token for .* which is not its address/,
    'an edge can not have tokens for another sent to it',
  )
})
