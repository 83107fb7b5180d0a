import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type {
  AccountFacts,
  ServerFacts,
  ServiceInstance,
  StreamSurvey,
} from '#platform/nats/cluster-survey.ts'
import { type NoSurvey, type RedisSurvey, surveyRedis } from '#platform/redis/redis-survey.ts'
import type { AgentView } from '#schemas/agent.ts'
import type { IntegrityView } from '#schemas/integrity.ts'
import type { PartitionsView } from '#schemas/partition-epochs.ts'
import type { SiteView } from '#schemas/site.ts'
import type { StorageLevel } from '#schemas/storage.ts'
import type { Queues, SystemStatus } from '#schemas/system-status.ts'
import { BUCKET } from '#subjects/jetstream-api.ts'
import { STREAMS } from '#subjects/streams.ts'

const ASK_TIMEOUT_MS = 5000

/** What a deployment says of itself, as it was found. */
export interface ClusterFacts {
  readonly server: ServerFacts
  /** A connection without user and password was let in. */
  readonly guests: boolean
  readonly account: AccountFacts
  /** By name; undefined: it is not there. */
  readonly streams: ReadonlyMap<string, StreamSurvey | undefined>
  /** Streams that nobody answers for: they have no leader. Not among the others. */
  readonly unled: readonly string[]
  readonly services: readonly ServiceInstance[]
  readonly agents: readonly AgentView[] | Unanswered
  readonly queues: Queues | Unanswered
  readonly room: readonly StorageLevel[] | Unanswered
  readonly partitions: PartitionsView | Unanswered
  /** What the auditor of the log has found. */
  readonly integrity: { integrity?: IntegrityView | undefined } | Unanswered
  /** Those that an orchestrator has heard of. */
  readonly sites?: { readonly views: readonly SiteView[]; readonly atMs: number }
  /** Detectors and cameras, as an orchestrator knows them. */
  readonly video?: Pick<SystemStatus, 'detectors' | 'cameras'> & { readonly atMs: number }
  /** Where one is named. */
  readonly redis: RedisSurvey | NoSurvey | undefined
}

/** Nobody said it, and why. */
export interface Unanswered {
  readonly unanswered: string
}

/** Asks everything at once; what does not answer is part of what is found. @throws MurmurError UNAVAILABLE when NATS itself is silent */
export async function gatherClusterFacts(
  bus: Bus,
  { redisUrl, letsGuestsIn }: { redisUrl: string | undefined; letsGuestsIn: () => Promise<boolean> },
): Promise<ClusterFacts> {
  const names = [...Object.values(STREAMS).map(({ name }) => name), BUCKET.stream]
  const asked = await Promise.all([
    bus.survey.server(),
    bus.survey.account(),
    Promise.all(names.map(async (name) => [name, await streamOf(bus, name)] as const)),
    bus.survey.services(),
    answerOf(bus.call('listAgents', {}, { timeoutMs: ASK_TIMEOUT_MS })),
    answerOf(bus.call('listQueues', {}, { timeoutMs: ASK_TIMEOUT_MS })),
    answerOf(bus.call('listStorage', {}, { timeoutMs: ASK_TIMEOUT_MS }).then(({ storage }) => storage)),
    answerOf(bus.call('getPartitions', {}, { timeoutMs: ASK_TIMEOUT_MS })),
    answerOf(bus.call('getIntegrity', {}, { timeoutMs: ASK_TIMEOUT_MS })),
    redisUrl === undefined ? undefined : surveyRedis(redisUrl),
    letsGuestsIn(),
  ])
  const [server, account, streams, services, registry, queues, room, partitions, integrity, redis, guests] =
    asked
  const { agents, sites, detectors, cameras } =
    'unanswered' in registry
      ? { agents: registry, sites: undefined, detectors: undefined, cameras: undefined }
      : registry
  const isLed = (found: (typeof streams)[number]): found is [string, StreamSurvey | undefined] =>
    found[1] !== UNLED
  return {
    ...{ server, account, services, agents, queues, room, partitions, integrity, redis, guests },
    ...(sites && { sites: { views: sites, atMs: systemClock.nowMs() } }),
    ...((detectors || cameras) && { video: { detectors, cameras, atMs: systemClock.nowMs() } }),
    streams: new Map(streams.filter(isLed)),
    unled: streams.filter((found) => !isLed(found)).map(([name]) => name),
  }
}

const UNLED = Symbol('nobody answers')

async function streamOf(bus: Bus, name: string): Promise<StreamSurvey | undefined | typeof UNLED> {
  try {
    return await bus.survey.stream(name)
  } catch (error) {
    if (error instanceof MurmurError && error.code === 'UNAVAILABLE') return UNLED
    throw error
  }
}

async function answerOf<T>(work: Promise<T>): Promise<T | Unanswered> {
  try {
    return await work
  } catch (error) {
    if (error instanceof MurmurError) return { unanswered: messageOf(error) }
    throw error
  }
}
