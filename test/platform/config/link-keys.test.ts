import t from 'tap'
import { newSealKeys } from '../../../deploy/local/stack/seal-keys.ts'
import {
  loadClipLinks,
  loadLinkSigning,
  loadSigningKeys,
} from '../../../services/platform/config/link-keys.ts'

t.test('links are made where there is a key', async (t) => {
  t.equal(loadClipLinks({}), undefined)
  const links = loadClipLinks({
    MURMUR_LINK_KEYS: newSealKeys(),
    MURMUR_PUBLIC_URL: 'https://murmur.example/',
  })
  const clip = { tenant: 'default', camera: 'yard', fromMs: 1, toMs: 2, expiresAtMs: 3 }
  t.match(links?.link(clip), /^https:\/\/murmur\.example\/v1\/clips\/k1\./)
  t.throws(() => loadClipLinks({ MURMUR_LINK_KEYS: 'short' }), { code: 'CONFIG_INVALID' })
})

t.test('links of sinks need an address and a key; an edge takes those of every key', async (t) => {
  const keys = newSealKeys()
  t.equal(loadLinkSigning({}), undefined)
  const signing = loadLinkSigning({ MURMUR_PUBLIC_URL: 'https://m.example.org/', MURMUR_LINK_KEYS: keys })
  t.match(signing, { publicUrl: 'https://m.example.org', lifetimeMs: 7 * 86_400_000 })
  t.throws(() => loadLinkSigning({ MURMUR_PUBLIC_URL: 'https://m' }), { code: 'CONFIG_INVALID' })
  t.strictSame(loadSigningKeys({}), [])
  const both = loadSigningKeys({ MURMUR_LINK_KEYS: `${newSealKeys().replace('k1', 'k2')},${keys}` })
  t.equal(both.length, 2)
  t.equal(both[1], signing?.key)
})
