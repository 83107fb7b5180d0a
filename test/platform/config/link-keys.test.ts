import t from 'tap'
import { newSealKeys } from '../../../deploy/local/stack/seal-keys.ts'
import { loadClipLinks } from '../../../services/platform/config/link-keys.ts'

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
