import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import t from 'tap'
import { TokenVerifier } from '../../../services/edge/access/token-verifier.ts'

// Types, lifetimes, claim rules and the issuer's discovery document together.

const signing = await generateKeyPair('ES256')
const jwk = { ...(await exportJWK(signing.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }
const askedFor: string[] = []
let issuer = ''
const provider = createServer(({ url = '' }, response) => {
  askedFor.push(url)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(url === '/keys' ? { keys: [jwk] } : { issuer, jwks_uri: `${issuer}/keys` }))
})
await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
t.teardown(() => provider.close())
issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`

const NOW_S = 1_900_000_000
const verifier = new TokenVerifier(
  {
    issuer,
    audience: 'murmuration',
    jwksUrl: undefined,
    algorithms: ['ES256'],
    tenantClaim: 'tenant',
    claimRules: [{ claim: 'groups', value: 'dev', tenant: 'acme', scopes: ['tasks:read'] }],
    types: ['at+jwt'],
    maxLifetimeMs: 3_600_000,
  },
  { nowMs: () => NOW_S * 1000 },
)
const token = (about: object = {}, typ = 'at+jwt') =>
  new SignJWT({
    iss: issuer,
    aud: 'murmuration',
    sub: 'anna',
    groups: ['dev'],
    // By themselves tokens say nothing where there are rules.
    tenant: 'other',
    scope: 'policies:write',
    iat: NOW_S,
    exp: NOW_S + 600,
    ...about,
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ })
    .sign(signing.privateKey)

t.test('what is no token of this issuer by its own words has nobody asked for keys', async (t) => {
  const bad = {
    'another type': await token({}, 'JWT'),
    'holds too long': await token({ exp: NOW_S + 3601 }),
    'holds too long, from now': await token({ iat: undefined, exp: NOW_S + 3601 }),
    'is over': await token({ iat: NOW_S - 600, exp: NOW_S - 60 }),
    'another issuer': await token({ iss: 'https://other.example.org' }),
    'no token': 'nonsense',
  }
  for (const [what, text] of Object.entries(bad)) t.equal(await verifier.verify(text), undefined, what)
  t.strictSame(askedFor, [])
})

t.test('one that is: the rules say tenant and scopes, and it ends at its time', async (t) => {
  t.strictSame(await verifier.verify(await token({}, 'application/at+JWT')), {
    tenant: 'acme',
    scopes: new Set(['tasks:read']),
    subject: 'jwt:anna',
    endsAtMs: (NOW_S + 600) * 1000,
  })
  t.strictSame(askedFor, ['/.well-known/openid-configuration', '/keys'])
  t.equal(await verifier.verify(await token({ groups: ['ops'] })), undefined, 'no rule fits')
  t.equal(await verifier.verify(await token({ aud: 'others' })), undefined, 'for somebody else')
})
