import t from 'tap'
import { createChallengeAnswer, parseChallenges } from '#platform/http/challenge-answer.ts'

t.test('Basic and Digest as their standards have them', async (t) => {
  const basic = createChallengeAnswer({ user: 'Aladdin', password: 'open sesame' })
  t.equal(basic.authorize('GET', '/'), undefined, 'nothing unasked')
  t.ok(basic.challenged(['Basic realm="WallyWorld"']))
  t.equal(basic.authorize('GET', '/'), 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==')
  t.notOk(basic.challenged(['Basic realm="WallyWorld"']), 'refused: not again')

  // RFC 2069, as RTSP of RFC 2326 has it: no qop, so the whole of it is known beforehand.
  const plain = createChallengeAnswer({ user: 'Mufasa', password: 'CircleOfLife' })
  t.ok(
    plain.challenged([
      'Basic realm="x", Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="o"',
    ]),
  )
  t.match(
    plain.authorize('GET', '/dir/index.html'),
    /response="1949323746fe6a43ef61f9606e7febea".*opaque="o"/,
  )
  t.ok(
    plain.challenged(['Digest realm="testrealm@host.com", nonce="n2", stale=true']),
    'a nonce that grew old',
  )
  t.match(plain.authorize('GET', '/'), /nonce="n2"/)
  t.notOk(plain.challenged(['Digest realm="testrealm@host.com", nonce="n3"']), 'refused')

  const qop = createChallengeAnswer({ user: 'a"b', password: 'x' })
  t.ok(qop.challenged(['Digest realm="r", nonce="n", qop="auth-int, auth", algorithm=SHA-256']))
  t.match(
    qop.authorize('GET', '/'),
    /username="a\\"b".*response="[0-9a-f]{64}".*algorithm=SHA-256.*qop=auth, nc=00000001, cnonce="/,
  )
  t.match(qop.authorize('GET', '/'), /nc=00000002/)
  t.notOk(
    createChallengeAnswer({ user: 'a', password: 'b' }).challenged([
      'Negotiate',
      'Digest algorithm=MD4, nonce="n"',
    ]),
  )
})

t.test('challenges that nobody can read end, whatever stands there', async (t) => {
  t.equal(parseChallenges('Digest realm="a, b", nonce="c"').length, 1)
  for (const text of [
    '',
    ',,,',
    '"',
    'Basic realm="',
    `Digest ${'a="b",'.repeat(10_000)}`,
    '\u0000'.repeat(9999),
  ])
    t.ok(parseChallenges(text).length <= 1)
})
