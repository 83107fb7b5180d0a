import t from 'tap'
import { parseRedisUrl } from '#platform/config/redis-url.ts'

const h = (host: string, port: number) => ({ host, port })

t.test('one server', async (t) => {
  t.strictSame(parseRedisUrl('redis://h'), {
    kind: 'server',
    tls: false,
    url: 'redis://h',
    nodes: [h('h', 6379)],
  })
  t.match(parseRedisUrl('rediss://u:p%40x@[::1]:7/2'), {
    ...{ kind: 'server', tls: true, user: 'u', password: 'p@x', nodes: [h('::1', 7)] },
  })
  t.match(parseRedisUrl('redis://:p@h'), { password: 'p', user: undefined })
})

t.test('sentinels: their addresses, the name of the master, perhaps a database', async (t) => {
  t.strictSame(parseRedisUrl('redis+sentinel://u:p@a:1,b/main'), {
    ...{ kind: 'sentinel', tls: false, user: 'u', password: 'p' },
    ...{ nodes: [h('a', 1), h('b', 26_379)], master: 'main', db: 0 },
  })
  t.match(parseRedisUrl('rediss+sentinel://a/my.main/3'), { tls: true, master: 'my.main', db: 3 })
})

t.test('nodes of a cluster', async (t) => {
  t.strictSame(parseRedisUrl('redis+cluster://a:1,b,[::1]:3'), {
    ...{ kind: 'cluster', tls: false, nodes: [h('a', 1), h('b', 6379), h('::1', 3)] },
  })
  t.match(parseRedisUrl('rediss+cluster://u:p@a'), { kind: 'cluster', tls: true, user: 'u', password: 'p' })
})

t.test('everything else is none', async (t) => {
  for (const text of [
    'nonsense',
    'http://h',
    'redis://',
    'redis://a:1,b:2',
    'redis+sentinel://a:1,b:2',
    'redis+sentinel://a:1/',
    'redis+sentinel://a/main/x',
    'redis+sentinel://a/main/1/2',
    'redis+sentinel://a/na me',
    'redis+cluster://a:1/3',
    'redis+cluster://a:1,,b',
    'redis+cluster://a:99999',
    'redis+cluster://%zz:p@a',
    `redis+cluster://${Array.from({ length: 17 }, (_, i) => `n${i}`).join(',')}`,
    'redis+cluster://a@b@c',
  ])
    t.equal(parseRedisUrl(text), undefined, text)
})
