import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readMirror } from '../../deploy/local/servers/apt.ts'
import { addToCache, readCachedBinary } from '../../deploy/local/servers/binary-cache.ts'
import { officialNatsRelease } from '../../deploy/local/servers/official-release.ts'
import { resolveFfmpeg } from '../../deploy/local/servers/resolve-ffmpeg.ts'
import { resolveNats } from '../../deploy/local/servers/resolve-nats.ts'
import { resolveRedis } from '../../deploy/local/servers/resolve-redis.ts'
import { isAtLeast } from '../../deploy/local/servers/server-source.ts'

const says = (text: string) => `#!/bin/sh\necho '${text}'\n`

/** A folder of executable scripts, as one entry of PATH. */
function fakePath(
  t: { testdir(content: Record<string, string>): string },
  programs: Record<string, string>,
): string {
  const folder = t.testdir(programs)
  for (const name of Object.keys(programs)) chmodSync(join(folder, name), 0o755)
  return folder
}

t.test('the environment comes first: a URL, then a binary', async (t) => {
  const lines: string[] = []
  const report = (line: string) => lines.push(line)
  const folder = fakePath(t, { 'my-nats': says('nats-server: v2.11.4') })
  const binary = join(folder, 'my-nats')
  t.same(await resolveNats(report, { MURMUR_NATS_URL: 'nats://x:1', MURMUR_NATS_SERVER: binary }), {
    kind: 'url',
    url: 'nats://x:1',
  })
  t.match(await resolveNats(report, { MURMUR_NATS_SERVER: binary }), { path: binary, version: '2.11.4' })
  t.match(await resolveRedis(report, { MURMUR_REDIS_URL: 'redis://x:2' }), { url: 'redis://x:2' })
  t.match(lines, ['NATS: nats://x:1, named by the environment', /2\.11\.4/, /redis:\/\/x:2/])
})

t.test('a named binary that is no use is an error, not a reason to take another', async (t) => {
  const folder = fakePath(t, { 'old-redis': says('Redis server v=6.0.16 sha=0') })
  const env = { MURMUR_REDIS_SERVER: join(folder, 'old-redis'), PATH: process.env.PATH }
  await t.rejects(
    resolveRedis(() => undefined, env),
    { code: 'REDIS_NOT_FOUND', message: /6\.0\.16.*too old/ },
  )
  const missing = { MURMUR_NATS_SERVER: '/nowhere/nats-server' }
  await t.rejects(
    resolveNats(() => undefined, missing),
    { code: 'NATS_NOT_FOUND', message: /not an executable file/ },
  )
  await t.rejects(
    resolveFfmpeg(() => undefined, { MURMUR_FFMPEG: '/nowhere/ffmpeg' }),
    { code: 'FFMPEG_NOT_FOUND' },
  )
})

t.test('PATH is taken when the version will do; an old NATS with a sentence', async (t) => {
  const lines: string[] = []
  const PATH = fakePath(t, {
    'nats-server': says('nats-server: v2.9.10'),
    'valkey-server': says('Valkey server v=8.1.1 sha=00000000:0'),
    ffmpeg: says('ffmpeg version 5.1.9-0+deb12u1 Copyright'),
    ffprobe: says('ffprobe version 5.1.9'),
  })
  const report = (line: string) => lines.push(line)
  t.match(await resolveNats(report, { PATH }), { version: '2.9.10', path: join(PATH, 'nats-server') })
  t.match(await resolveRedis(report, { PATH }), { version: '8.1.1', path: join(PATH, 'valkey-server') })
  t.match(await resolveFfmpeg(report, { PATH }), { version: '5.1.9', ffprobe: join(PATH, 'ffprobe') })
  t.match(lines[1], /older than 2\.10: good for trying/)
})

t.test('what PATH has is passed over when it is too old, then the cache is asked', async (t) => {
  const folder = fakePath(t, {
    'nats-server': says('nats-server: v2.8.4'),
    'redis-server': says('Redis server v=5.0.3'),
  })
  const env = { PATH: folder, MURMUR_HOME: join(folder, 'home') }
  const manifest = { path: 'server', version: '2.12.0', origin: 'test' }
  const fill = async (into: string) => {
    const { writeFileSync } = await import('node:fs')
    writeFileSync(join(into, 'server'), says('x'), { mode: 0o755 })
    return manifest
  }
  await addToCache('nats-server', env, fill)
  const lines: string[] = []
  t.match(await resolveNats((line) => lines.push(line), env), { version: '2.12.0' })
  t.match(lines, [/PATH: .* is 2\.8\.4, which is too old/, /^NATS: 2\.12\.0/])
})

t.test('without apt and root, the error names the ways out', async (t) => {
  const env = { PATH: t.testdir(), MURMUR_HOME: join(t.testdirName, 'home') }
  await t.rejects(
    resolveRedis(() => undefined, env),
    {
      code: 'REDIS_NOT_FOUND',
      message: /brew install redis[\s\S]*docker run[\s\S]*MURMUR_REDIS_SERVER/,
    },
  )
})

t.test('two that fill the cache at once both get a whole binary', async (t) => {
  const { writeFileSync } = await import('node:fs')
  const env = { MURMUR_HOME: t.testdir() }
  const fill = (version: string) => async (into: string) => {
    writeFileSync(join(into, 'server'), says(version), { mode: 0o755 })
    return { path: 'server', version, origin: 'test' }
  }
  const both = await Promise.all(
    ['1.0.0', '2.0.0'].map((version) => addToCache('server', env, fill(version))),
  )
  const kept = readCachedBinary('server', env)!
  t.same(both, [kept, kept])
  t.equal(await addToCache('server', env, async () => undefined), undefined, 'filling may decline')
  t.match(readCachedBinary('server', env), kept, 'and what was there stays')
})

t.test('the mirror is read from both forms of apt sources', (t) => {
  const keyring = t.testdir({ 'key.gpg': '' })
  const key = join(keyring, 'key.gpg')
  const stanza = `Types: deb\n# a comment\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nSigned-By: ${key}\n`
  const security = `Types: deb\nURIs: http://mirror.example/debian-security\nSuites: bookworm-security\n`
  const modern = t.testdir({
    'key.gpg': '',
    'sources.list.d': { 'debian.sources': `${security}\n${stanza}` },
  })
  t.same(readMirror(modern), { uri: 'http://mirror.example/debian', keyring: key })
  const classic = t.testdir({
    'key.gpg': '',
    'sources.list': `# deb http://off/debian x main\ndeb [signed-by=${key}] http://on.example/debian/ bookworm main\n`,
  })
  t.same(readMirror(classic), { uri: 'http://on.example/debian/', keyring: key })
  t.equal(readMirror(t.testdir({})), undefined)
  t.end()
})

t.test('a release is pinned for the platforms whose sums are known', (t) => {
  t.match(officialNatsRelease('linux', 'x64'), { url: /linux-amd64\.tar\.gz$/, sha256: /^[0-9a-f]{64}$/ })
  t.match(officialNatsRelease('darwin', 'arm64'), { url: /darwin-arm64\.tar\.gz$/ })
  t.equal(officialNatsRelease('win32', 'x64'), undefined)
  t.equal(officialNatsRelease('linux', 's390x'), undefined)
  t.end()
})

t.test('versions compare by number', (t) => {
  t.ok(isAtLeast('2.10.0', '2.9'))
  t.ok(isAtLeast('2.10', '2.10.0'))
  t.notOk(isAtLeast('2.9.10', '2.10'))
  t.end()
})
