import t from 'tap'
import { newSealKeys } from '../../../deploy/local/stack/seal-keys.ts'
import { loadEdgeLinks, loadLinkSigning } from '../../../services/platform/config/link-keys.ts'

t.test('an edge makes and follows links where there is a key', async (t) => {
  t.equal(loadEdgeLinks({}), undefined)
  const keys = newSealKeys()
  const links = loadEdgeLinks({ MURMUR_LINK_KEYS: keys, MURMUR_PUBLIC_URL: 'https://murmur.example/' })
  t.strictSame(links, { keys: [keys.slice('k1:'.length)], publicUrl: 'https://murmur.example' })
  t.equal(loadEdgeLinks({ MURMUR_LINK_KEYS: keys })?.publicUrl, '')
  t.throws(() => loadEdgeLinks({ MURMUR_LINK_KEYS: 'short' }), { code: 'CONFIG_INVALID' })
})

t.test('links of sinks need an address and a key; an edge takes those of every key', async (t) => {
  const keys = newSealKeys()
  t.equal(loadLinkSigning({}), undefined)
  const signing = loadLinkSigning({ MURMUR_PUBLIC_URL: 'https://m.example.org/', MURMUR_LINK_KEYS: keys })
  t.match(signing, { publicUrl: 'https://m.example.org', lifetimeMs: 7 * 86_400_000 })
  t.throws(() => loadLinkSigning({ MURMUR_PUBLIC_URL: 'https://m' }), { code: 'CONFIG_INVALID' })
  const both = loadEdgeLinks({ MURMUR_LINK_KEYS: `${newSealKeys().replace('k1', 'k2')},${keys}` })
  t.equal(both?.keys.length, 2)
  t.equal(both?.keys[1], signing?.key)
})
