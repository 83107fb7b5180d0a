import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  addToCache,
  isOutdated,
  keepOutdated,
  readCachedBinary,
} from '../../../../deploy/local/servers/binary-cache.ts'

const says = (text: string) => `#!/bin/sh\necho '${text}'\n`

t.test('two that fill the cache at once both get a whole binary', async (t) => {
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

t.test(
  'what may lack a security fix is fetched anew, and used only where nothing newer can be had',
  async (t) => {
    const env = { MURMUR_HOME: t.testdir() }
    const fill = (version: string, origin: string) => async (into: string) => {
      writeFileSync(join(into, 'server'), says(version), { mode: 0o755 })
      return { path: 'server', version, origin }
    }
    t.notOk(isOutdated('server', '2.0.0', env), 'where there is none')
    await addToCache('server', env, fill('1.9.9', 'official release, in the cache'))
    t.ok(isOutdated('server', '2.0.0', env), 'an older release than the pinned one')
    t.notOk(isOutdated('server', '1.9.9', env))
    const kept = await addToCache('server', env, fill('2.0.0', 'official release, in the cache'))
    t.equal(kept?.version, '1.9.9', 'what is there stays unless it is to be replaced')
    await addToCache('server', env, fill('2.0.0', 'official release, in the cache'), { replaces: true })
    t.equal(readCachedBinary('server', env)?.version, '2.0.0')
    await addToCache('server', env, fill('1.5.0', 'package x, in the cache'), { replaces: true })
    t.notOk(isOutdated('server', '2.0.0', env), 'a package has the fixes of its distribution')
    const manifest = join(env.MURMUR_HOME, 'bin', 'server', 'murmur.json')
    const monthAgoS = Date.now() / 1000 - 31 * 86_400
    utimesSync(manifest, monthAgoS, monthAgoS)
    t.ok(isOutdated('server', undefined, env), 'after a month')
    const said: string[] = []
    t.equal(keepOutdated('server', (line) => void said.push(line), env)?.version, '1.5.0')
    t.match(said, [/OUTDATED/])
    t.notOk(isOutdated('server', undefined, env), 'it is asked for again tomorrow')
  },
)
