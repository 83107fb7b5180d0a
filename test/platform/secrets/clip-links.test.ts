import fc from 'fast-check'
import t from 'tap'
import { createClipLinks } from '../../../services/platform/secrets/clip-links.ts'
import { createTextSealer } from '../../../services/platform/secrets/sealed-text.ts'

const sealer = createTextSealer([{ id: 'k1', key: Buffer.alloc(32, 1) }])
const CLIP = { tenant: 'acme', camera: 'yard', monitor: 'm1', fromMs: 1, toMs: 2, expiresAtMs: 1000 }

t.test('a link shows what it was made for until it expires, and nothing else', async (t) => {
  const links = createClipLinks(sealer, 'https://murmur.example')
  const url = links.link(CLIP)
  t.match(url, /^https:\/\/murmur\.example\/v1\/clips\/k1\.[\w-]+$/)
  const token = url.slice(url.lastIndexOf('/') + 1)
  t.strictSame(links.open(token, 999), CLIP)
  t.throws(() => links.open(token, 1000), { code: 'NOT_FOUND' })
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom('A', 'B', '9'), (at, letter) => {
      const changed = token.slice(0, at) + letter + token.slice(at + 1)
      if (
        changed === token ||
        Buffer.from(changed.split('.')[1] ?? '', 'base64url').equals(
          Buffer.from(token.split('.')[1]!, 'base64url'),
        )
      )
        return true
      try {
        links.open(changed, 1)
        return false
      } catch {
        return true
      }
    }),
  )
  const others = createClipLinks(createTextSealer([{ id: 'k1', key: Buffer.alloc(32, 2) }]), undefined)
  t.throws(() => others.open(token, 1), { code: 'NOT_FOUND' }, 'made with another key')
  t.throws(() => links.open(sealer.seal(JSON.stringify(CLIP), 'something else'), 1), { code: 'NOT_FOUND' })
  t.throws(() => links.open('x'.repeat(5000), 1), { code: 'NOT_FOUND' })
  t.match(others.link(CLIP), /^\/v1\/clips\//, 'without a name of the edge: its path')
})
