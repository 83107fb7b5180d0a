import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type {
  AccountFacts,
  ServerFacts,
  ServiceInstance,
  StreamSurvey,
} from '#platform/nats/cluster-survey.ts'
import type { AgentView } from '#schemas/agent.ts'
import type { Queues } from '#schemas/system-status.ts'
import { BUCKET } from '#subjects/jetstream-api.ts'
import { STREAMS } from '#subjects/streams.ts'
import { addressOf, credentialsIn, redisInfo } from '../../../deploy/local/servers/probe-servers.ts'

const ASK_TIMEOUT_MS = 5000
const REDIS_PORT = 6379

/** What a deployment says of itself, as it was found. */
export interface ClusterFacts {
  readonly server: ServerFacts
  /** A connection without user and password was let in. */
  readonly guests: boolean
  readonly account: AccountFacts
  /** By name; undefined: it is not there. */
  readonly streams: ReadonlyMap<string, StreamSurvey | undefined>
  readonly services: readonly ServiceInstance[]
  readonly agents: readonly AgentView[] | Unanswered
  readonly queues: Queues | Unanswered
  /** Where one is named. */
  readonly redis: RedisFacts | Unanswered | undefined
}

/** Nobody said it, and why. */
export interface Unanswered {
  readonly unanswered: string
}

export interface RedisFacts {
  readonly version: string
  /** `noeviction` keeps what it is given. */
  readonly policy: string
  readonly usedBytes: number
  /** 0: no limit. */
  readonly maxBytes: number
  readonly keepsLog: boolean
  /** `ok`, or what the last write of the append-only file ended with. */
  readonly lastWrite: string
  readonly evictedKeys: number
}

/** Asks everything at once; what does not answer is part of what is found. @throws MurmurError UNAVAILABLE when NATS itself is silent */
export async function gatherClusterFacts(
  bus: Bus,
  { redisUrl, letsGuestsIn }: { redisUrl: string | undefined; letsGuestsIn: () => Promise<boolean> },
): Promise<ClusterFacts> {
  const names = [...Object.values(STREAMS).map(({ name }) => name), BUCKET.stream]
  const [server, account, streams, services, agents, queues, redis, guests] = await Promise.all([
    bus.survey.server(),
    bus.survey.account(),
    Promise.all(names.map(async (name) => [name, await bus.survey.stream(name)] as const)),
    bus.survey.services(),
    answerOf(bus.call('listAgents', {}, { timeoutMs: ASK_TIMEOUT_MS }).then(({ agents }) => agents)),
    answerOf(bus.call('listQueues', {}, { timeoutMs: ASK_TIMEOUT_MS })),
    redisUrl === undefined ? undefined : redisFacts(redisUrl),
    letsGuestsIn(),
  ])
  return { server, account, streams: new Map(streams), services, agents, queues, redis, guests }
}

async function answerOf<T>(work: Promise<T>): Promise<T | Unanswered> {
  try {
    return await work
  } catch (error) {
    if (error instanceof MurmurError) return { unanswered: messageOf(error) }
    throw error
  }
}

async function redisFacts(url: string): Promise<RedisFacts | Unanswered> {
  const address = addressOf(url, REDIS_PORT)
  const credentials = credentialsIn(url)
  const [server, memory, persistence, stats] = await Promise.all(
    (['server', 'memory', 'persistence', 'stats'] as const).map((section) =>
      redisInfo(address, section, credentials),
    ),
  )
  if (!server || !memory || !persistence || !stats)
    return {
      unanswered: `nothing answers at ${address.host}:${address.port}, or INFO is not allowed to this user`,
    }
  return {
    version: server.get('valkey_version') ?? server.get('redis_version') ?? '0',
    policy: memory.get('maxmemory_policy') ?? 'unknown',
    usedBytes: Number(memory.get('used_memory') ?? 0),
    maxBytes: Number(memory.get('maxmemory') ?? 0),
    keepsLog: persistence.get('aof_enabled') === '1',
    lastWrite: persistence.get('aof_last_write_status') ?? 'unknown',
    evictedKeys: Number(stats.get('evicted_keys') ?? 0),
  }
}
