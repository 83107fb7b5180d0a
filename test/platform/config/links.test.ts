import t from 'tap'
import { loadLinkKey, loadLinkSigning } from '#platform/config/links.ts'

const KEY = 'k'.repeat(32)

t.test('links need an address and a key; an edge needs the key', async (t) => {
  t.equal(loadLinkSigning({}), undefined)
  t.strictSame(loadLinkSigning({ MURMUR_PUBLIC_URL: 'https://m.example.org/', MURMUR_LINK_KEY: KEY }), {
    publicUrl: 'https://m.example.org',
    key: KEY,
    lifetimeMs: 7 * 86_400_000,
  })
  t.throws(() => loadLinkSigning({ MURMUR_PUBLIC_URL: 'https://m' }), { code: 'CONFIG_INVALID' })
  t.throws(() => loadLinkKey({ MURMUR_LINK_KEY: 'short' }), { code: 'CONFIG_INVALID' })
  t.equal(loadLinkKey({ MURMUR_LINK_KEY: KEY }), KEY)
  t.equal(loadLinkKey({}), undefined)
})
