import type { Redis as Client, Cluster, RedisOptions } from 'ioredis'

/** For asking whether it answers: every user may. */
export const PING_KEY = 'murmur:ping'
export const PING_KEPT_MS = 60_000

/** The way to Redis: one server, or all nodes of a cluster. */
export interface RedisConnection {
  /** Commands go in here: those of a cluster find their node by themselves. */
  readonly client: Client | Cluster
  readonly isCluster: boolean
  readonly isConnected: boolean
  /** A round trip to whoever takes writes, on wish one that writes. In a cluster it is enough that one of them answers. */
  ping(about: { write: boolean }): Promise<unknown>
  /** Something does not answer: ends what is silent, so that it is made anew. */
  giveUp(): void
  /** A connection to each server that takes writes. */
  masters(): readonly Client[]
  close(): void
}

export interface OpenOptions {
  /** What holds for each connection to a server that holds data. */
  readonly base: Pick<
    RedisOptions,
    | 'commandTimeout'
    | 'connectTimeout'
    | 'disconnectTimeout'
    | 'maxRetriesPerRequest'
    | 'autoResendUnfulfilledCommands'
    | 'enableAutoPipelining'
    | 'tls'
  >
  /** Who this process is, as of now: asked before each connection. */
  readonly secrets: () => Pick<
    RedisOptions,
    'username' | 'password' | 'sentinelUsername' | 'sentinelPassword'
  >
  readonly onStatus: (status: string, detail: string) => void
}
