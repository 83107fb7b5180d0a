import assert from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import {
  type CookieRequest,
  endedCookie,
  SESSION_MS,
  SessionCookies,
} from '../../../services/edge/console/session-cookie.ts'

const NOW = 1_790_000_000_000
const key = (fill: number) => ({ id: `k${fill}`, key: new Uint8Array(32).fill(fill) })
const asked = (cookie: string | undefined, about: Partial<CookieRequest> = {}): CookieRequest => ({
  method: 'GET',
  cookie,
  origin: undefined,
  fetchSite: 'same-origin',
  own: 'http://127.0.0.1:1',
  ...about,
})
const pairOf = (line: string) => line.split(';', 1)[0]!

t.test('a cookie holds its credential until its time, and only for those who have the key', async () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 500, unit: 'grapheme-ascii' }),
      fc.integer({ min: 1, max: SESSION_MS }),
      (credential, ms) => {
        const cookies = new SessionCookies([key(1)])
        const line = cookies.create({ credential, untilMs: NOW + ms }, { nowMs: NOW, isSecure: false })!
        const request = asked(`other=1; ${pairOf(line)}`)
        assert.strictEqual(cookies.open(request, NOW)?.credential, credential)
        assert.strictEqual(cookies.open(request, NOW + ms), undefined)
        assert.strictEqual(new SessionCookies([key(2)]).open(request, NOW), undefined)
        assert.strictEqual(
          new SessionCookies([key(2), key(1)]).open(request, NOW)?.credential,
          credential,
          'keys can be changed',
        )
        assert.ok(!line.includes(credential) || credential.length < 3)
        assert.strictEqual(new SessionCookies(undefined).open(request, NOW), undefined)
      },
    ),
  )
})

t.test('one that was changed is none', async () => {
  const cookies = new SessionCookies([key(1)])
  const line = pairOf(
    cookies.create({ credential: 'mur_x', untilMs: NOW + 1000 }, { nowMs: NOW, isSecure: true })!,
  )
  fc.assert(
    fc.property(fc.nat(line.length - 1), fc.constantFrom('A', 'b', '-', '.'), (at, letter) => {
      const changed = line.slice(0, at) + letter + line.slice(at + 1)
      const opened = cookies.open(asked(changed), NOW)
      // Base64 has bits at its end that mean nothing.
      if (changed !== line && at < line.length - 1) assert.strictEqual(opened, undefined)
    }),
  )
})

t.test('it is sent where it should be: no script, no other site, over TLS where there is TLS', async (t) => {
  const cookies = new SessionCookies([key(1)])
  const create = (isSecure: boolean) =>
    cookies.create({ credential: 'c', untilMs: NOW + 60_000 }, { nowMs: NOW, isSecure })!
  t.match(create(false), /^murmur-session=\S+; Path=\/; Max-Age=60; HttpOnly; SameSite=Strict$/)
  t.match(create(true), /^__Host-murmur-session=\S+; Path=\/; Max-Age=60; HttpOnly; SameSite=Strict; Secure$/)
  t.match(endedCookie(true), /^__Host-murmur-session=; Path=\/; Max-Age=0/)
  t.equal(
    cookies.create({ credential: 'x'.repeat(4000), untilMs: NOW + 1 }, { nowMs: NOW, isSecure: true }),
    undefined,
  )
})

t.test('it counts for pages of the edge itself, and for nobody else', async (t) => {
  const cookies = new SessionCookies([key(1)])
  const line = pairOf(
    cookies.create({ credential: 'c', untilMs: NOW + 1000 }, { nowMs: NOW, isSecure: false })!,
  )
  const counts = (about: Partial<CookieRequest>) => cookies.open(asked(line, about), NOW) !== undefined
  const own = 'http://127.0.0.1:1'
  t.ok(counts({ method: 'POST', origin: own }))
  t.ok(counts({ fetchSite: 'none' }), 'an address that was typed')
  t.notOk(counts({ fetchSite: 'none', method: 'POST' }))
  for (const fetchSite of ['same-site', 'cross-site']) {
    t.notOk(counts({ fetchSite }), fetchSite)
    t.notOk(counts({ fetchSite, method: 'DELETE', origin: own }), `${fetchSite} DELETE`)
  }
  // Browsers say nothing of sites where the page is neither https nor of this machine.
  const plain = { fetchSite: undefined }
  t.ok(counts(plain))
  t.ok(counts({ ...plain, method: 'POST', origin: own }))
  t.notOk(counts({ ...plain, method: 'POST' }))
  t.notOk(counts({ ...plain, origin: 'http://127.0.0.1:2' }))
})
