import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { addToCache } from '../../../../deploy/local/servers/binary-cache.ts'
import { resolveNats } from '../../../../deploy/local/servers/resolve-nats.ts'
import { fakePath, says } from './fake-path.ts'

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
  t.match(lines, ['NATS: nats://x:1, named by the environment', /2\.11\.4/])
})

t.test('a named binary that is no use is an error, not a reason to take another', async (t) => {
  await t.rejects(
    resolveNats(() => undefined, { MURMUR_NATS_SERVER: '/nowhere/nats-server' }),
    { code: 'NATS_NOT_FOUND', message: /not an executable file/ },
  )
})

t.test('PATH is taken; an old version with a sentence', async (t) => {
  const lines: string[] = []
  const PATH = fakePath(t, { 'nats-server': says('nats-server: v2.9.10') })
  t.match(await resolveNats((line) => lines.push(line), { PATH }), {
    version: '2.9.10',
    path: join(PATH, 'nats-server'),
  })
  t.match(lines[1], /older than 2\.10: good for trying/)
})

t.test('what PATH has is passed over when it is too old, then the cache is asked', async (t) => {
  const folder = fakePath(t, { 'nats-server': says('nats-server: v2.8.4') })
  const env = { PATH: folder, MURMUR_HOME: join(folder, 'home') }
  const manifest = { path: 'server', version: '2.12.0', origin: 'test' }
  const fill = async (into: string) => {
    writeFileSync(join(into, 'server'), says('x'), { mode: 0o755 })
    return manifest
  }
  await addToCache('nats-server', env, fill)
  const lines: string[] = []
  t.match(await resolveNats((line) => lines.push(line), env), { version: '2.12.0' })
  t.match(lines, [/PATH: .* is 2\.8\.4, which is too old/, /^NATS: 2\.12\.0/])
})
