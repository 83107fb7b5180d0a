import t from 'tap'
import { checkLink, signedLink } from '#platform/http/signed-link.ts'

const signing = { publicUrl: 'https://m.example.org', key: 'k'.repeat(32), lifetimeMs: 60_000 }

t.test('a link holds for its path, with its key, until it expires', async (t) => {
  const link = new URL(signedLink(signing, '/v1/shared/default/alerts/a1', 1_000_000))
  const { expires, signature } = Object.fromEntries(link.searchParams)
  const check = (path: string, about: object = {}, key = signing.key, nowMs = 1_059_000) =>
    checkLink(path, { expires, signature, ...about }, { key, nowMs })
  t.equal(link.pathname, '/v1/shared/default/alerts/a1')
  t.equal(check(link.pathname), 'valid')
  t.equal(check(link.pathname, {}, signing.key, 1_060_000), 'expired')
  t.equal(check('/v1/shared/default/alerts/a2'), 'forged')
  t.equal(check('/v1/shared/other/alerts/a1'), 'forged')
  t.equal(check(link.pathname, { expires: '9999999999' }), 'forged')
  t.equal(check(link.pathname, { signature: 'x' }), 'forged')
  t.equal(check(link.pathname, { signature: undefined }), 'forged')
  t.equal(check(link.pathname, { expires: undefined }), 'forged')
  t.equal(check(link.pathname, {}, 'other'.repeat(8)), 'forged')
})
