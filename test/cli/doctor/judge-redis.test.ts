import t from 'tap'
import type { RedisNodeFacts, RedisSurvey } from '#platform/redis/redis-survey.ts'
import { judgeRedis } from '../../../services/cli/doctor/judge-redis.ts'

const MASTER: RedisNodeFacts = {
  address: 'r1:6379',
  role: 'master',
  version: '7.2.0',
  policy: 'noeviction',
  usedBytes: 100,
  maxBytes: 1000,
  keepsLog: true,
  lastWrite: 'ok',
  evictedKeys: 0,
  replicas: 1,
  needsReplicas: true,
  isLinked: true,
}
const REPLICA: RedisNodeFacts = {
  ...MASTER,
  address: 'r2:6379',
  role: 'replica',
  replicas: 0,
  needsReplicas: false,
}
const single: RedisSurvey = {
  kind: 'server',
  nodes: [{ ...MASTER, replicas: 0 }],
  silent: [],
  unservedSlots: 0,
}
const watched: RedisSurvey = {
  kind: 'sentinel',
  nodes: [MASTER, REPLICA],
  silent: [],
  unservedSlots: 0,
  sentinels: { answering: 3, known: 3 },
}
const cluster: RedisSurvey = {
  ...{ kind: 'cluster', silent: [], unservedSlots: 0 },
  nodes: [MASTER, REPLICA, { ...MASTER, address: 'r3:6379' }, { ...REPLICA, address: 'r4:6379' }],
}

t.test('what it is stands in the evidence', async (t) => {
  t.match(judgeRedis(single), {
    status: 'ok',
    evidence: /^a single server with 0 replicas, 7\.2\.0, 100 B of/,
  })
  t.match(judgeRedis(watched), {
    status: 'ok',
    evidence: /1 replica, watched by 3 sentinels.*min-replicas-to-write set/,
  })
  t.match(judgeRedis(cluster), { status: 'ok', evidence: /^cluster of 2 masters and 2 replicas/ })
  t.match(judgeRedis({ unanswered: 'nothing answers' }), { status: 'fail', evidence: 'nothing answers' })
})

const second = (more: Partial<RedisNodeFacts>): Partial<RedisSurvey> => ({
  nodes: [MASTER, { ...REPLICA, ...more }],
})
const CASES: [what: string, redis: RedisSurvey, status: string, evidence: RegExp][] = [
  [
    'evicts',
    { ...single, nodes: [{ ...MASTER, policy: 'allkeys-lru' }] },
    'fail',
    /: allkeys-lru, 0 keys evicted/,
  ],
  ['has evicted', { ...single, nodes: [{ ...MASTER, evictedKeys: 3 }] }, 'fail', /3 keys evicted/],
  [
    'a replica would evict',
    { ...watched, ...second({ policy: 'volatile-ttl' }) },
    'fail',
    /r2:6379 volatile-ttl/,
  ],
  ['slots without a master', { ...cluster, unservedSlots: 5 }, 'fail', /5 slots/],
  ['a server is away', { ...cluster, silent: ['r9:1'] }, 'warn', /no answer from r9:1/],
  ['keeps nothing', { ...single, nodes: [{ ...MASTER, keepsLog: false }] }, 'warn', /no append-only file/],
  ['a replica could not write', { ...watched, ...second({ lastWrite: 'err' }) }, 'warn', /ended with err/],
  ['a replica is cut off', { ...watched, ...second({ isLinked: false }) }, 'warn', /r2:6379 not in touch/],
  [
    'nobody to take over',
    { ...cluster, nodes: [{ ...MASTER, replicas: 0 }, REPLICA] },
    'warn',
    /r1:6379 no replica/,
  ],
  ['a sentinel is away', { ...watched, sentinels: { answering: 2, known: 3 } }, 'warn', /2 of 3 sentinels/],
  ['too few sentinels', { ...watched, sentinels: { answering: 2, known: 2 } }, 'warn', /only 2 sentinels/],
  ['is old', { ...single, nodes: [{ ...MASTER, version: '6.2.0' }] }, 'warn', /: 6\.2\.0/],
  ['is filling', { ...single, nodes: [{ ...MASTER, usedBytes: 900 }] }, 'warn', /: 900 B of/],
]
for (const [what, redis, status, evidence] of CASES)
  t.test(what, async (t) => {
    const check = judgeRedis(redis)
    t.match(check, { status, evidence })
    t.ok(check.fix)
  })
