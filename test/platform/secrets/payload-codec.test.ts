import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createPayloadCodec, parsePayloadKeys, tenantKey } from '#platform/secrets/payload-codec.ts'

const keyOf = (id: string, tenant: string, key: Uint8Array = randomBytes(32)) => ({ id, tenant, key })
const missing = { code: 'PAYLOAD_KEY_MISSING' }
const unreadable = { code: 'PAYLOAD_UNREADABLE' }

t.test('what is sealed opens for its tenant at its place, and nowhere else', async (t) => {
  const codec = createPayloadCodec([keyOf('a', '*')])
  const sealed = codec.seal('acme', 'state\nt1', 'text — of a tenant')
  t.match(sealed, /^a\.[\w-]+$/)
  t.equal(codec.open('acme', 'state\nt1', sealed).toString(), 'text — of a tenant')
  t.throws(() => codec.open('acme', 'state\nt2', sealed), unreadable, 'moved to another task')
  t.throws(() => codec.open('acme', 'definition\nt1', sealed), unreadable, 'moved to another field')
  t.throws(() => codec.open('other', 'state\nt1', sealed), unreadable, 'moved to another tenant')
  t.not(codec.seal('acme', 'state\nt1', 'text'), codec.seal('acme', 'state\nt1', 'text'), 'never the same')
})

t.test('a byte changed anywhere, or cut off, is refused', async (t) => {
  const codec = createPayloadCodec([keyOf('a', 'acme')])
  const { keyId, sealed } = codec.sealBytes('acme', 'p', Buffer.from('text'))
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed)
    changed[i]! ^= 1
    t.throws(() => codec.openBytes('acme', 'p', keyId, changed), unreadable)
  }
  for (let length = 0; length < sealed.length; length++)
    t.throws(() => codec.openBytes('acme', 'p', keyId, sealed.subarray(0, length)), unreadable)
  t.equal(codec.openBytes('acme', 'p', keyId, sealed).toString(), 'text')
})

t.test('the first key that fits a tenant encrypts, all of them open', async (t) => {
  const [before, after, own] = [keyOf('2025', '*'), keyOf('2026', '*'), keyOf('own', 'acme')]
  const old = createPayloadCodec([before]).seal('acme', 'p', 'old')
  const rotated = createPayloadCodec([after, before])
  t.equal(rotated.open('acme', 'p', old).toString(), 'old')
  const next = rotated.seal('acme', 'p', 'new')
  t.match(next, /^2026\./)
  t.throws(() => createPayloadCodec([before]).open('acme', 'p', next), missing)
  t.match(createPayloadCodec([own, after]).seal('acme', 'p', 'x'), /^own\./)
  t.match(createPayloadCodec([own, after]).seal('other', 'p', 'x'), /^2026\./)
})

t.test('without a key of the tenant nothing is sealed, and nothing opened', async (t) => {
  const codec = createPayloadCodec([keyOf('a', 'acme')])
  t.throws(() => codec.seal('other', 'p', 'x'), missing)
  t.throws(() => codec.open('other', 'p', 'a.AAAA'), missing)
  t.throws(() => codec.open('acme', 'p', 'b.AAAA'), missing)
  t.throws(() => codec.open('acme', 'p', 'no form'), missing)
  t.throws(() => codec.digest('other', 'x'), missing)
})

t.test('a tenant is given a key of its own out of the one for all', async (t) => {
  const all = keyOf('a', '*')
  const sealed = createPayloadCodec([all]).seal('acme', 'p', 'x')
  const own = createPayloadCodec([keyOf('a', 'acme', tenantKey(all.key, 'acme'))])
  t.equal(own.open('acme', 'p', sealed).toString(), 'x')
  t.throws(() => own.open('other', 'p', createPayloadCodec([all]).seal('other', 'p', 'x')), missing)
})

t.test('digests are keyed: the same for a tenant, another for the next', async (t) => {
  const codec = createPayloadCodec([keyOf('a', '*')])
  t.equal(codec.digest('acme', 'x'), codec.digest('acme', 'x'))
  t.not(codec.digest('acme', 'x'), codec.digest('other', 'x'))
  t.not(codec.digest('acme', 'x'), createPayloadCodec([keyOf('a', '*')]).digest('acme', 'x'))
})

t.test('a file of keys is read, or refused with what it must be', async (t) => {
  const key = randomBytes(32).toString('base64')
  t.match(parsePayloadKeys(`# keys\n\n a * ${key} \nb acme ${key}`, 'here'), [
    { id: 'a', tenant: '*' },
    { id: 'b', tenant: 'acme' },
  ])
  t.equal(parsePayloadKeys(`a acme ${key}\na other ${key}`, 'here').length, 2, 'ids are those of a tenant')
  for (const text of [
    '',
    '# none',
    `a ${key}`,
    `a * ${key}x`,
    `a * short`,
    `a * ${key}\na * ${key}`,
    `a.b * ${key}`,
  ])
    t.throws(
      () => parsePayloadKeys(text, 'here'),
      { code: 'CONFIG_INVALID', message: /^here must have/ },
      text,
    )
})

t.test(
  'a key that is given up opens nothing, is waited for no more, and needs another in its place',
  async (t) => {
    const [lost, next] = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64'))
    const before = createPayloadCodec(parsePayloadKeys(`old acme ${lost}`, 'here'))
    const sealed = before.seal('acme', 'p', 'x')
    const after = createPayloadCodec(parsePayloadKeys(`old acme lost\nnew acme ${next}`, 'here'))
    t.throws(() => after.open('acme', 'p', sealed), { ...unreadable, message: /key "old" was given up/ })
    t.match(after.seal('acme', 'p', 'x'), /^new\./)
    t.throws(() => after.open('other', 'p', sealed), missing, 'of others nothing was given up')
    const all = createPayloadCodec(parsePayloadKeys(`all * ${next}\nold acme lost\nold * ${lost}`, 'here'))
    t.throws(() => all.open('acme', 'p', sealed), unreadable, 'of one tenant')
    t.match(all.seal('acme', 'p', 'x'), /^all\./)
    for (const text of [`old acme lost`, `old * lost\nnew acme ${next}`, `old acme lost\nnew other ${next}`])
      t.throws(
        () => parsePayloadKeys(text, 'here'),
        { code: 'CONFIG_INVALID', message: /"old"|must have/ },
        text,
      )
  },
)
