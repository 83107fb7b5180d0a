import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { loadPlatformKeys, PlatformKeys } from '#platform/config/platform-keys.ts'

const SINCE = '2026-11-29T13:00:00Z'
const SINCE_MS = Date.parse(SINCE)
const [A, B] = ['a'.repeat(32), 'b'.repeat(32)]
const parse = (...lines: string[]) => PlatformKeys.parse(lines.join('\n'), 'the file')
const data = (json: string) => new TextEncoder().encode(json)

t.test('a seal holds for one purpose, one content and one place', async (t) => {
  const keys = parse(`${SINCE} ${A}`)
  const seal = keys.seal('step', ['t', 's', 1])
  t.ok(keys.isSealed('step', ['t', 's', 1], seal))
  for (const [purpose, parts, given] of [
    ['key', ['t', 's', 1], seal],
    ['step', ['t', 's', 2], seal],
    ['step', ['t', 's', 1], `${seal}x`],
    ['step', ['t', 's', 1], ''],
    ['step', ['t', 's', 1], seal.slice(1)],
    ['step', ['t', 's', 1], `${seal.slice(0, -1)}${seal.endsWith('A') ? 'Q' : 'A'}`],
    // The same low byte, in another alphabet; and a character of two code units.
    ['step', ['t', 's', 1], String.fromCharCode(seal.charCodeAt(0) + 0x100) + seal.slice(1)],
    ['step', ['t', 's', 1], `😀${seal.slice(2)}`],
    ['step', ['t', 's', 1], undefined],
  ] as const)
    t.notOk(keys.isSealed(purpose, parts, given), JSON.stringify([purpose, parts, given]))
  const json = keys.sealJson('key', 'keys.a', '{"id":"a","hash":"x"}')
  t.match(JSON.parse(json), { id: 'a', hash: 'x', seal: /^[\w-]{43}$/ })
  const record = { subject: 'keys.a', data: data(json), storedAtMs: SINCE_MS + 1 }
  t.ok(keys.isGenuine('key', record))
  t.notOk(keys.isGenuine('key', { ...record, subject: 'keys.b' }), 'under another id')
  t.notOk(keys.isGenuine('key', { ...record, data: data(json.replace('"x"', '"y"')) }), 'with another secret')
  t.notOk(keys.isGenuine('key', { ...record, data: data('{"id":"a"}') }), 'without a seal')
})

t.test(
  'what was stored before the first key needs no seal, and a wrong one is wrong at any time',
  async (t) => {
    const keys = parse(`2026-12-01T00:00:00Z ${B}`, '# the first', `${SINCE} ${A}`, '')
    t.equal(keys.sinceMs, SINCE_MS)
    const plain = { subject: 'keys.a', data: data('{"id":"a"}') }
    t.ok(keys.isGenuine('key', { ...plain, storedAtMs: SINCE_MS - 1 }))
    t.notOk(keys.isGenuine('key', { ...plain, storedAtMs: SINCE_MS }))
    const forged = data(`{"id":"a","seal":"${'x'.repeat(43)}"}`)
    t.notOk(keys.isGenuine('key', { subject: 'keys.a', data: forged, storedAtMs: 0 }))
  },
)

t.test('a seal is an HMAC-SHA-256 under a key derived for its purpose', async (t) => {
  const derived = createHmac('sha256', A!).update('step').digest('base64url')
  for (const parts of [['t', 's', 1], ['ä€😀', ''], ['x'.repeat(5000)]])
    t.equal(
      parse(`${SINCE} ${A}`).seal('step', parts),
      createHmac('sha256', derived).update(parts.join('\n')).digest('base64url'),
    )
})

t.test('keys are changed one after the other: the first one seals, all are taken', async (t) => {
  const [old, both, fresh] = [
    parse(`${SINCE} ${A}`),
    parse(`${SINCE} ${B}`, `${SINCE} ${A}`),
    parse(`${SINCE} ${B}`),
  ]
  const seal = old.seal('step', ['x'])
  t.ok(both.isSealed('step', ['x'], seal))
  t.notOk(fresh.isSealed('step', ['x'], seal))
  t.ok(fresh.isSealed('step', ['x'], both.seal('step', ['x'])))
})

t.test('a file that holds something else is refused, and none is none', async (t) => {
  for (const text of ['', '# none', A!, `${SINCE} short`, `yesterday ${A}`, `${SINCE} ${A}\nx`])
    t.throws(() => PlatformKeys.parse(text, 'the file'), { code: 'CONFIG_INVALID' }, text)
  const folder = mkdtempSync(join(tmpdir(), 'murmur-keys-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'keys')
  writeFileSync(file, `${SINCE} ${A}\n`)
  t.equal(loadPlatformKeys({ MURMUR_PLATFORM_KEYS: file })?.sinceMs, SINCE_MS)
  t.equal(loadPlatformKeys({}), undefined)
  t.throws(() => loadPlatformKeys({ MURMUR_PLATFORM_KEYS: join(folder, 'none') }), { code: 'CONFIG_INVALID' })
})
