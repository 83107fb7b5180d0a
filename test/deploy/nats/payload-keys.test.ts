import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createPayloadCodec, parsePayloadKeys } from '#platform/secrets/payload-codec.ts'
import {
  addPayloadKey,
  giveUpPayloadKey,
  newPayloadKeys,
  payloadKeysForTenant,
  rewriteKeys,
  usePayloadKey,
} from '../../../deploy/nats/payload-keys.ts'
import { ROOT } from '../../support/source-files.ts'

// The order of a rotation on a running system: test/long/payload-key-rotation.long.test.ts.

const PROGRAM = join(ROOT, 'deploy/nats/payload-keys.ts')
const NOW_MS = Date.UTC(2026, 10, 29)
const codecOf = (text: string) => createPayloadCodec(parsePayloadKeys(text, 'here'))
const sealingId = (text: string, tenant: string) => codecOf(text).seal(tenant, 'p', 'x').split('.')[0]

t.test('a key that is added opens and does not encrypt, until it is used', async (t) => {
  const first = newPayloadKeys(NOW_MS)
  t.equal(sealingId(first, 'acme'), '2026-11-29')
  const { text: both, added } = addPayloadKey(first, NOW_MS)
  t.strictSame(added, { id: '2026-11-29-2', tenant: '*' })
  t.equal(sealingId(both, 'acme'), '2026-11-29', 'others may not have it yet')
  const used = usePayloadKey(both, added)
  t.equal(sealingId(used, 'acme'), '2026-11-29-2')
  t.equal(
    codecOf(both)
      .open('acme', 'p', codecOf(used).seal('acme', 'p', 'x'))
      .toString(),
    'x',
  )
  t.equal(
    codecOf(used)
      .open('acme', 'p', codecOf(first).seal('acme', 'p', 'x'))
      .toString(),
    'x',
  )
})

t.test('a key of one tenant goes before those for all, and changes nothing for others', async (t) => {
  const first = newPayloadKeys(NOW_MS, { id: 'all' })
  const { text, added } = addPayloadKey(first, NOW_MS, { tenant: 'acme', id: 'own' })
  t.equal(sealingId(text, 'acme'), 'all')
  const used = usePayloadKey(text, added)
  t.equal(sealingId(used, 'acme'), 'own')
  t.equal(sealingId(used, 'other'), 'all')
  const next = addPayloadKey(used, NOW_MS, { id: 'all-2' })
  const all = usePayloadKey(next.text, next.added)
  t.equal(sealingId(all, 'acme'), 'own', 'a tenant with a key of its own keeps it')
  t.equal(sealingId(all, 'other'), 'all-2')
})

t.test(
  'whoever works for one tenant gets what opens that tenant’s payloads, and nothing of others',
  async (t) => {
    let text = newPayloadKeys(NOW_MS, { id: 'all' })
    for (const about of [
      { tenant: 'acme', id: 'own' },
      { tenant: 'other', id: 'secret' },
    ])
      text = usePayloadKey(addPayloadKey(text, NOW_MS, about).text, about)
    const part = payloadKeysForTenant(text, 'acme')
    t.strictSame(
      parsePayloadKeys(part, 'here').map(({ id, tenant }) => [id, tenant]),
      [
        ['own', 'acme'],
        ['all', 'acme'],
      ],
    )
    for (const line of text.split('\n').filter((line) => !line.startsWith('#') && !line.startsWith('own')))
      t.notOk(part.includes(line.split(' ')[2] ?? '-'), 'not the bytes of a key of others')
    const [whole, own] = [codecOf(text), codecOf(part)]
    t.equal(own.open('acme', 'p', whole.seal('acme', 'p', 'x')).toString(), 'x')
    t.equal(whole.open('acme', 'p', own.seal('acme', 'p', 'x')).toString(), 'x')
    t.throws(() => own.open('other', 'p', whole.seal('other', 'p', 'x')), { code: 'PAYLOAD_KEY_MISSING' })
    const before = newPayloadKeys(NOW_MS, { id: 'all', tenant: 'other' })
    t.throws(() => payloadKeysForTenant(before, 'acme'), { message: /no key for tenant "acme"/ })
  },
)

t.test('a key is given up where its tenant has another one', async (t) => {
  const text = newPayloadKeys(NOW_MS, { id: 'all' })
  t.throws(() => giveUpPayloadKey(text, { id: 'all', tenant: '*' }), { code: 'CONFIG_INVALID' })
  const next = addPayloadKey(text, NOW_MS, { id: 'next' }).text
  const given = giveUpPayloadKey(next, { id: 'all', tenant: '*' })
  t.equal(sealingId(given, 'acme'), 'next')
  t.throws(() => codecOf(given).open('acme', 'p', codecOf(text).seal('acme', 'p', 'x')), {
    code: 'PAYLOAD_UNREADABLE',
  })
  t.match(payloadKeysForTenant(given, 'acme'), /^all acme lost$/m, 'and so it is for those of one tenant')
  t.throws(() => usePayloadKey(text, { id: 'none', tenant: '*' }), { message: /no key "none"/ })
  t.throws(() => addPayloadKey(text, NOW_MS, { tenant: 'a b' }), { code: 'CONFIG_INVALID' })
  t.throws(() => addPayloadKey(text, NOW_MS, { id: 'all' }), { code: 'CONFIG_INVALID' })
})

t.test('a file stays the same file, with the rights that it had', async (t) => {
  const file = join(t.testdir({ keys: 'much longer than what comes after it' }), 'keys')
  chmodSync(file, 0o444)
  const { ino } = statSync(file)
  rewriteKeys(file, 'short')
  t.equal(readFileSync(file, 'utf8'), 'short')
  t.equal(statSync(file).ino, ino)
  t.equal(statSync(file).mode & 0o777, 0o444)
})

t.test('the command: makes, adds, uses, prints for one tenant, gives up', async (t) => {
  const file = join(t.testdir({}), 'keys')
  const does = (...args: string[]) => execFileSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' })
  const refuses = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' })
    t.strictSame([status, stdout], [1, ''], args.join(' '))
    return stderr
  }
  does('make', file)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.match(refuses('make', file), /EEXIST/, 'what is there is not made again')
  t.match(does('add', file, '--id', 'next'), /added: next \*/)
  does('use', file, '--id', 'next')
  t.equal(sealingId(readFileSync(file, 'utf8'), 'acme'), 'next')
  t.match(parsePayloadKeys(does('of', file, '--tenant', 'acme'), 'printed'), [
    { id: 'next', tenant: 'acme' },
    {},
  ])
  t.match(refuses('of', file), /--tenant/)
  t.match(refuses('give-up', file, '--id', 'next'), /--yes/)
  t.match(refuses('use', file), /--id/)
  t.match(refuses('turn', file, '--id', 'next'), /payload-keys.ts make FILE/)
  t.match(refuses(), /payload-keys.ts make FILE/)
  does('give-up', file, '--id', 'next', '--yes')
  t.not(sealingId(readFileSync(file, 'utf8'), 'acme'), 'next')
})
