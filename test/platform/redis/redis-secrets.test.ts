import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseRedisUrl } from '#platform/config/redis-url.ts'
import { redisSecrets } from '#platform/redis/redis-secrets.ts'

const folder = t.testdir({})
const sentinels = parseRedisUrl('redis+sentinel://u:p@a/main')!

t.afterEach(() => {
  delete process.env.MURMUR_REDIS_CREDENTIALS
  delete process.env.MURMUR_REDIS_SENTINEL_CREDENTIALS
})

t.test('who this process is stands in the URL; what sentinels are told does not', async (t) => {
  t.strictSame(redisSecrets(sentinels)(), { username: 'u', password: 'p' })
  t.strictSame(redisSecrets(parseRedisUrl('redis://h')!)(), {})
})

t.test('files win, and are read again by each call', async (t) => {
  const [own, watcher] = [join(folder, 'own'), join(folder, 'watcher')]
  writeFileSync(own, 'edge\none\n')
  writeFileSync(watcher, 'default\ntwo\n')
  process.env.MURMUR_REDIS_CREDENTIALS = own
  process.env.MURMUR_REDIS_SENTINEL_CREDENTIALS = watcher
  const secrets = redisSecrets(sentinels)
  const first = { username: 'edge', password: 'one', sentinelUsername: 'default', sentinelPassword: 'two' }
  t.strictSame(secrets(), first)
  writeFileSync(watcher, 'default\nthree\n')
  t.strictSame(secrets(), { ...first, sentinelPassword: 'three' })
  t.strictSame(
    redisSecrets(parseRedisUrl('redis://h')!)(),
    { username: 'edge', password: 'one' },
    'no sentinels',
  )
})

t.test('a file that holds neither is refused, by the name of its setting', async (t) => {
  writeFileSync(join(folder, 'bad'), 'alone')
  process.env.MURMUR_REDIS_SENTINEL_CREDENTIALS = join(folder, 'bad')
  t.throws(() => redisSecrets(sentinels), {
    code: 'CONFIG_INVALID',
    message: /^(?!.*alone)MURMUR_REDIS_SENTINEL_CREDENTIALS/,
  })
})
