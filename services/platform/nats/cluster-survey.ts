import type { ClusterInfo, JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { z } from 'zod'
import { readMessage } from '#platform/json/read-message.ts'
import { ALERTING, DETECTION } from '#subjects/operations.ts'
import { isNotFound } from './api-error.ts'
import { askLeader } from './ask-leader.ts'
import { clusterOf } from './server-address.ts'

/** Instances that answer later than so long after the one before are not waited for. Milliseconds. */
const STALL_MS = 750
const GATHER_MS = 4000

/** Services whose instances live in accounts of their own. */
const APART = [ALERTING, DETECTION]

/** The server that this connection is with, and what it knows of others. */
export interface ServerFacts {
  readonly version: string
  readonly cluster: string | undefined
  /** Servers of the cluster that clients are told of; 1 without a cluster. */
  readonly servers: number
  /** Bytes. */
  readonly maxPayloadBytes: number
  readonly roundTripMs: number
  readonly isTls: boolean
}

/** Bytes of files that the account has, and may have; `limit` is undefined where only the server has one. */
export interface AccountFacts {
  readonly storageBytes: number
  readonly limitBytes: number | undefined
}

export interface StreamSurvey {
  readonly name: string
  readonly retention: string
  readonly discard: string
  readonly storage: string
  readonly messages: number
  readonly bytes: number
  readonly maxBytes: number
  readonly replicas: number
  /** Undefined where there is no cluster. */
  readonly leader: string | undefined
  /** Names of the servers whose copy is behind or away. */
  readonly behind: readonly string[]
  /** Copies that are not behind, the leader's among them; 0 without a leader. */
  readonly current: number
}

/** An instance of a service, as it tells itself by the micro protocol. */
const instanceSchema = z.looseObject({
  name: z.string(),
  id: z.string(),
  version: z.string(),
  metadata: z.record(z.string(), z.string()).nullish(),
})
export interface ServiceInstance {
  readonly service: string
  readonly id: string
  readonly facts: Readonly<Record<string, string>>
}

/** What a deployment says of itself over one connection: nothing is changed, and no message is read. */
export class ClusterSurvey {
  readonly #nc: NatsConnection
  readonly #jsm: JetStreamManager

  constructor(nc: NatsConnection, jsm: JetStreamManager) {
    this.#nc = nc
    this.#jsm = jsm
  }

  async server(): Promise<ServerFacts> {
    const info = this.#nc.info
    return {
      version: info?.version ?? '0',
      cluster: clusterOf(info),
      servers: Math.max(1, new Set(info?.connect_urls ?? []).size),
      maxPayloadBytes: info?.max_payload ?? 0,
      roundTripMs: await this.#nc.rtt(),
      isTls: this.#nc.info?.tls_required === true || this.#nc.getServer().startsWith('tls://'),
    }
  }

  async account(): Promise<AccountFacts> {
    const { storage, limits } = await this.#jsm.getAccountInfo()
    return {
      storageBytes: storage,
      limitBytes: limits.max_storage > 0 ? limits.max_storage : undefined,
    }
  }

  /** Undefined when it is not there. */
  async stream(name: string): Promise<StreamSurvey | undefined> {
    try {
      const { config, state, cluster } = await askLeader(() => this.#jsm.streams.info(name))
      return {
        name,
        retention: config.retention,
        discard: config.discard,
        storage: config.storage,
        messages: state.messages,
        bytes: state.bytes,
        maxBytes: config.max_bytes,
        replicas: config.num_replicas,
        leader: cluster?.leader,
        behind: (cluster?.replicas ?? [])
          .filter(({ current, offline }) => !current || offline === true)
          .map(({ name }) => name),
        current: currentCopies(cluster),
      }
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  /** Every instance of every service that answers by the micro protocol within seconds. */
  async services(): Promise<ServiceInstance[]> {
    const found = new Map<string, ServiceInstance>()
    // What is in other accounts hears its own name only.
    const subjects = ['$SRV.INFO', ...APART.map(({ name }) => `$SRV.INFO.${name}`)]
    await Promise.all(subjects.map((subject) => this.#gather(subject, found)))
    return [...found.values()].sort((a, b) => `${a.service}${a.id}`.localeCompare(`${b.service}${b.id}`))
  }

  async #gather(subject: string, found: Map<string, ServiceInstance>): Promise<void> {
    try {
      const answers = await this.#nc.requestMany(subject, '', {
        strategy: 'stall',
        stall: STALL_MS,
        maxWait: GATHER_MS,
      })
      for await (const message of answers) {
        const instance = readMessage(message.data, instanceSchema)
        if (instance)
          found.set(instance.id, { service: instance.name, id: instance.id, facts: instance.metadata ?? {} })
      }
    } catch (error) {
      // Nobody listens: there is no service.
      if (!/no responders/i.test(String(error))) throw error
    }
  }
}

/** A single server has the only copy; in a cluster one without a leader answers for nobody. */
function currentCopies(cluster: ClusterInfo | undefined): number {
  if (!cluster) return 1
  if (!cluster.leader) return 0
  return 1 + (cluster.replicas ?? []).filter(({ current, offline }) => current && offline !== true).length
}
