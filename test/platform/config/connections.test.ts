import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  currentCredentials,
  loadNatsSecurity,
  loadRedisCredentials,
  loadRedisTls,
} from '#platform/config/connections.ts'

const folder = t.testdir({})
const file = (name: string) => join(folder, name)

t.test('settings that do not fit together are refused, without telling secrets', async (t) => {
  writeFileSync(file('one-line'), 'only a user')
  const wrong: Record<string, string>[] = [
    { MURMUR_NATS_TLS_CA: file('nowhere') },
    { MURMUR_NATS_TLS_CERT: file('one-line') },
    { MURMUR_NATS_CREDENTIALS: file('one-line') },
    { MURMUR_NATS_INBOX: 'log.1.accepted' },
    { MURMUR_NATS_INBOX: '_INBOX.>' },
  ]
  for (const settings of wrong) t.throws(() => loadNatsSecurity(settings), { code: 'CONFIG_INVALID' })
})

t.test('TLS of Redis: nothing by default, a certificate and its key together', async (t) => {
  t.equal(loadRedisTls({}), undefined)
  writeFileSync(file('ca.pem'), 'an authority')
  t.strictSame(loadRedisTls({ MURMUR_REDIS_TLS_CA: file('ca.pem') }), { ca: 'an authority' })
  t.throws(() => loadRedisTls({ MURMUR_REDIS_TLS_KEY: file('ca.pem') }), {
    code: 'CONFIG_INVALID',
    message: /belong together/,
  })
})

t.test('credentials of NATS: user and password on a line each, or a .creds file as it is', async (t) => {
  writeFileSync(file('password'), 'edge\r\nhunter2\r\n')
  t.strictSame(loadNatsSecurity({ MURMUR_NATS_CREDENTIALS: file('password') }), {
    credentials: { kind: 'password', user: 'edge', password: 'hunter2', path: file('password') },
  })
  writeFileSync(file('nats.creds'), '-----BEGIN NATS USER JWT-----\nx')
  t.match(loadNatsSecurity({ MURMUR_NATS_CREDENTIALS: file('nats.creds') }), {
    credentials: { kind: 'creds', file: Buffer.from('-----BEGIN NATS USER JWT-----\nx') },
  })
  t.strictSame(loadNatsSecurity({}), {})
})

t.test('credentials of Redis: user and password on a line each, from a file', async (t) => {
  writeFileSync(file('redis'), 'edge\nhunter3\n')
  t.strictSame(loadRedisCredentials({ MURMUR_REDIS_CREDENTIALS: file('redis') }), {
    user: 'edge',
    password: 'hunter3',
    path: file('redis'),
  })
  t.equal(loadRedisCredentials({}), undefined)
  writeFileSync(file('redis'), 'hunter3 alone')
  t.throws(() => loadRedisCredentials({ MURMUR_REDIS_CREDENTIALS: file('redis') }), {
    code: 'CONFIG_INVALID',
    message: /^(?!.*hunter3).*a line each/,
  })
})

t.test('what a file of credentials holds now counts, unless it makes no sense', async (t) => {
  writeFileSync(file('login'), 'edge\nfirst\n')
  const known = loadRedisCredentials({ MURMUR_REDIS_CREDENTIALS: file('login') })!
  writeFileSync(file('login'), 'edge\nsecond\n')
  t.equal(currentCredentials(known).password, 'second')
  for (const text of ['', 'edge', 'other\nthird\n']) {
    writeFileSync(file('login'), text)
    t.equal(currentCredentials(known).password, 'first', JSON.stringify(text))
  }
  rmSync(file('login'))
  t.equal(currentCredentials(known).password, 'first', 'no file')
  writeFileSync(file('jwt'), '-----BEGIN NATS USER JWT-----\nx')
  const { credentials } = loadNatsSecurity({ MURMUR_NATS_CREDENTIALS: file('jwt') })
  writeFileSync(file('jwt'), '-----BEGIN NATS USER JWT-----\ny')
  t.match(currentCredentials(credentials!), { file: Buffer.from('-----BEGIN NATS USER JWT-----\ny') })
})
