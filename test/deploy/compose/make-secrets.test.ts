import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parsePayloadKeys } from '#platform/secrets/payload-codec.ts'
import { parseSealKeys } from '#platform/secrets/sealed-text.ts'
import { makePayloadKeys, makeSecrets, rotateSecrets } from '../../../deploy/compose/make-secrets.ts'

// That servers and services take them: test/long/rotate-credentials.long.test.ts.

function made(t: Pick<Test, 'testdir'>) {
  const folder = join(t.testdir({}), 'secrets')
  const outcome = makeSecrets(folder)
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  return { folder, outcome, read, all: () => new Map(readdirSync(folder).map((name) => [name, read(name)])) }
}

t.test('every user has a password of its own, in its own files and in the server’s', async (t) => {
  const { folder, outcome, read, all } = made(t)
  t.equal(outcome, 'made')
  t.equal(statSync(folder).mode & 0o777, 0o700, 'the folder is its owner’s alone')
  const passwords = new Map<string, string>()
  for (const [name, text] of all()) {
    t.equal(statSync(join(folder, name)).mode & 0o777, 0o444, `${name} is only read`)
    const [user, server] = name.split('.')
    if (server !== 'nats' && server !== 'redis') continue
    const [first, password = '', ...more] = text.split('\n')
    t.strictSame([first, ...more], [user, ''])
    t.match(password, /^p[\w-]{32}$/, '192 bits')
    const ofServer = read(server === 'nats' ? 'nats-users.conf' : 'redis-users.acl')
    t.ok(
      ofServer.includes(server === 'nats' ? `password: "${password}"` : `user ${user} on >${password} `),
      name,
    )
    t.equal(passwords.get(user!) ?? password, password, 'the same on both servers')
    passwords.set(user!, password)
  }
  t.equal(new Set(passwords.values()).size, passwords.size)
  t.equal(read('probe-password'), passwords.get('probe'))
  t.equal(read('operator-password'), passwords.get('operator'))
})

t.test('what is there is left alone', async (t) => {
  const { folder, all } = made(t)
  const before = all()
  t.equal(makeSecrets(folder), 'kept')
  t.strictSame(all(), before)
})

t.test('a folder of an earlier version gets the keys that it lacks', async (t) => {
  const { folder, read, all } = made(t)
  const before = all()
  rmSync(join(folder, 'link-keys'))
  t.equal(makeSecrets(folder), 'kept')
  t.ok(parseSealKeys(read('link-keys').trim()))
  t.not(read('link-keys'), before.get('link-keys'))
  t.strictSame([...all().keys()], [...before.keys()])
  t.equal(read('seal-keys'), before.get('seal-keys'), 'and no other instead of one that is there')
})

t.test('the key of payloads is made when it is asked for, and never again', async (t) => {
  const { folder, read } = made(t)
  t.throws(() => read('payload-keys'), { code: 'ENOENT' })
  t.equal(makePayloadKeys(folder), 'made')
  const keys = read('payload-keys')
  t.match(parsePayloadKeys(keys, 'made'), [{ tenant: '*' }])
  t.equal(statSync(join(folder, 'payload-keys')).mode & 0o777, 0o444)
  t.equal(makePayloadKeys(folder), 'kept')
  t.equal(read('payload-keys'), keys)
})

t.test('new passwords for some: the files stay the same files', async (t) => {
  const { folder, read, all } = made(t)
  const [before, inode] = [all(), statSync(join(folder, 'nats-users.conf')).ino]
  rotateSecrets(folder, ['edge', 'probe'])
  const changed = [...all()].filter(([name, text]) => before.get(name) !== text).map(([name]) => name)
  t.strictSame(changed.sort(), [
    'edge.nats',
    'edge.redis',
    'nats-users.conf',
    'probe-password',
    'probe.redis',
    'redis-exporter.json',
    'redis-users.acl',
  ])
  t.equal(
    statSync(join(folder, 'nats-users.conf')).ino,
    inode,
    'a container that has it mounted sees what is new',
  )
  t.equal(statSync(join(folder, 'edge.nats')).mode & 0o777, 0o444)
  const [, old] = before.get('edge.nats')!.split('\n')
  for (const name of ['nats-users.conf', 'redis-users.acl']) t.notOk(read(name).includes(old!), name)
  t.equal(read('edge.nats'), read('edge.redis'))
  t.equal(read('grafana-password'), before.get('grafana-password'))
})
