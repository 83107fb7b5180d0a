import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { addToCache, readCachedBinary } from '../../../../deploy/local/servers/binary-cache.ts'

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
