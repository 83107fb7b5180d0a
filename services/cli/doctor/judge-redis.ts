import { compareVersions } from '#platform/nats/server-address.ts'
import type { NoSurvey, RedisNodeFacts, RedisSurvey } from '#platform/redis/redis-survey.ts'
import type { Check } from '../../../deploy/local/doctor.ts'
import { count, formatBytes } from '../output/quantities.ts'

const REDIS_WANTED = '7.0.0'
/** Share of the memory limit. */
const FILLING = 0.8
/** With fewer, one that is lost leaves no majority to choose a new master. */
const SENTINELS_WANTED = 3

/** What is to be said of a Redis, of all its servers together: the worst first. Pure. */
export function judgeRedis(redis: RedisSurvey | NoSurvey): Check {
  const name = 'redis'
  if ('unanswered' in redis)
    return { name, status: 'fail', evidence: redis.unanswered, fix: 'Start it, or correct --redis.' }
  const evidence = [whatItIs(redis), ...figures(redis.nodes)].join(', ')
  for (const { status, found, fix } of RULES) {
    const what = found(redis)
    if (what !== undefined) return { name, status, evidence: `${evidence}: ${what}`, fix }
  }
  return { name, status: 'ok', evidence }
}

interface Rule {
  status: 'warn' | 'fail'
  /** What is wrong; undefined: nothing. */
  found: (redis: RedisSurvey) => string | undefined
  fix: string
}

const RULES: readonly Rule[] = [
  {
    status: 'fail',
    found: ({ nodes }) =>
      of(
        nodes,
        ({ policy, evictedKeys }) => policy !== 'noeviction' || evictedKeys > 0,
        ({ policy, evictedKeys }) => `${policy}, ${count(evictedKeys, 'key')} evicted`,
      ),
    fix: 'Set maxmemory-policy noeviction, on replicas too: one of them is the master some day.',
  },
  {
    status: 'fail',
    found: ({ unservedSlots }) =>
      unservedSlots > 0 ? `${count(unservedSlots, 'slot')} without a master` : undefined,
    fix: 'Bring the nodes back that had them, or let others take them: redis-cli --cluster fix.',
  },
  {
    status: 'warn',
    found: ({ silent }) => (silent.length > 0 ? `no answer from ${silent.join(', ')}` : undefined),
    fix: 'Start these servers, or let them be reached from here.',
  },
  {
    status: 'warn',
    found: ({ nodes }) =>
      of(
        nodes,
        ({ keepsLog, lastWrite }) => !keepsLog || lastWrite !== 'ok',
        ({ keepsLog, lastWrite }) =>
          keepsLog ? `the last write of its file ended with ${lastWrite}` : 'no append-only file',
      ),
    fix: 'Set appendonly yes and give it a disk: without it, a restart takes as long as reading the log anew.',
  },
  {
    status: 'warn',
    found: ({ nodes }) =>
      of(
        nodes,
        ({ isLinked }) => !isLinked,
        () => 'not in touch with its master',
      ),
    fix: 'Look at the log of this replica: as a master it would lack what it has missed.',
  },
  {
    status: 'warn',
    found: ({ kind, nodes }) =>
      kind === 'server'
        ? undefined
        : of(
            nodes,
            ({ role, replicas }) => role === 'master' && replicas === 0,
            () => 'no replica',
          ),
    fix: 'Give each master a replica on another machine: without, nobody takes its place.',
  },
  {
    status: 'warn',
    found: ({ sentinels }) => {
      if (!sentinels) return undefined
      const { answering, known } = sentinels
      if (answering < known) return `${answering} of ${known} sentinels answer`
      return known < SENTINELS_WANTED ? `only ${count(known, 'sentinel')}` : undefined
    },
    fix: 'Run three sentinels on three machines, and name them all in MURMUR_REDIS_URL.',
  },
  {
    status: 'warn',
    found: ({ nodes }) =>
      of(
        nodes,
        ({ version }) => compareVersions(version, REDIS_WANTED) < 0,
        ({ version }) => version,
      ),
    fix: `Install Redis ${REDIS_WANTED} or newer.`,
  },
  {
    status: 'warn',
    found: ({ nodes }) =>
      of(
        nodes,
        ({ maxBytes, usedBytes }) => maxBytes > 0 && usedBytes > FILLING * maxBytes,
        ({ maxBytes, usedBytes }) => `${formatBytes(usedBytes)} of ${formatBytes(maxBytes)}`,
      ),
    fix: 'Give it more memory, or keep finished tasks for less long (MURMUR_KEEP_FINISHED_MS).',
  },
]

/** Which of the servers it is true of, and what is to be said of the first. */
function of(
  nodes: readonly RedisNodeFacts[],
  isSo: (node: RedisNodeFacts) => boolean,
  say: (node: RedisNodeFacts) => string,
): string | undefined {
  const found = nodes.filter(isSo)
  const [first] = found
  if (!first) return undefined
  if (nodes.length === 1) return say(first)
  return `${first.address} ${say(first)}${found.length > 1 ? `, and ${found.length - 1} more` : ''}`
}

function whatItIs({ kind, nodes, sentinels }: RedisSurvey): string {
  const masters = nodes.filter(({ role }) => role === 'master')
  const replicas = nodes.length - masters.length
  if (kind === 'cluster')
    return `cluster of ${count(masters.length, 'master')} and ${count(replicas, 'replica')}`
  const watched = sentinels ? `, watched by ${count(sentinels.known, 'sentinel')}` : ''
  return `a single server with ${count(replicas, 'replica')}${watched}`
}

function figures(nodes: readonly RedisNodeFacts[]): string[] {
  const masters = nodes.filter(({ role }) => role === 'master')
  const used = masters.reduce((sum, { usedBytes }) => sum + usedBytes, 0)
  const limit = masters.reduce((sum, { maxBytes }) => sum + maxBytes, 0)
  const needs = masters.some(({ needsReplicas }) => needsReplicas)
  return [
    [...new Set(nodes.map(({ version }) => version))].join(' and '),
    `${formatBytes(used)}${limit > 0 ? ` of ${formatBytes(limit)}` : ''}`,
    [...new Set(nodes.map(({ policy }) => policy))].join(' and '),
    nodes.every(({ keepsLog }) => keepsLog) ? 'append-only files' : 'not all with append-only files',
    `min-replicas-to-write ${needs ? 'set' : 'not set'}`,
  ]
}
