import type { Redis as Client } from 'ioredis'
import { systemClock } from '#platform/clock/clock.ts'
import type { RedisAddress } from '#platform/config/redis-url.ts'
import { openCluster } from './cluster-connection.ts'
import { requireOneSlot } from './hash-tag.ts'
import type { OpenOptions, RedisConnection } from './redis-connection.ts'
import type { Redis, Script } from './redis-contract.ts'
import { RedisHealth } from './redis-health.ts'
import { openServer } from './server-connection.ts'
import { isElsewhere, storeError } from './store-error.ts'

/** Which node has refused something is not known by its next answer: what nobody was refused for so long, goes again. */
const CLUSTER_REFUSING_MS = 1500

/** Redis over ioredis: one server, the master that sentinels name, or a cluster. */
export class RedisAdapter implements Redis {
  readonly #options: OpenOptions
  readonly #address: RedisAddress
  readonly #health: RedisHealth
  readonly #defined = new WeakMap<object, Set<string>>()
  #connection: RedisConnection
  #isClosed = false

  constructor(address: RedisAddress, options: OpenOptions) {
    this.#address = address
    this.#options = options
    this.#connection =
      address.kind === 'cluster'
        ? openCluster(address.nodes, options)
        : openServer(address, { ...options, onCluster: () => this.#turnToCluster() })
    this.#health = new RedisHealth({
      ping: (about) => this.#connection.ping(about),
      isConnected: () => this.#connection.isConnected,
      giveUp: () => this.#connection.giveUp(),
      refusingMs: () => (this.#connection.isCluster ? CLUSTER_REFUSING_MS : 0),
      clock: systemClock,
    })
  }

  get #client(): Commands {
    return this.#connection.client as Commands
  }

  get ready(): boolean {
    return this.#connection.isConnected && this.#health.isServing && !this.#health.isRefusing
  }

  onServing(listener: (isServing: boolean) => void): void {
    this.#health.onServing(listener)
  }

  async info(section: string): Promise<string[]> {
    const masters = this.#connection.masters()
    if (masters.length === 0) throw storeError(new Error('no node of the cluster is known yet'))
    return Promise.all(masters.map((server) => this.#ask(() => server.info(section))))
  }

  script(script: Script, keys: string[], args: (string | number)[]): Promise<unknown> {
    return this.#ask(() => {
      requireOneSlot(keys, script.name)
      const client = this.#client
      const defined = this.#defined.get(client) ?? new Set<string>()
      if (!defined.has(script.name)) {
        // ioredis sends EVALSHA, and the script itself when the server does not know it (any more).
        client.defineCommand(script.name, { lua: script.lua })
        this.#defined.set(client, defined.add(script.name))
      }
      const call = (client as unknown as Record<string, ScriptCall>)[script.name]!
      return call.call(client, keys.length, ...keys, ...args)
    })
  }

  async mget(keys: string[]): Promise<(string | null)[]> {
    if (keys.length === 0) return []
    return this.#ask(() => {
      requireOneSlot(keys, 'MGET')
      return this.#client.mget(keys)
    })
  }

  hgetall(key: string): Promise<Record<string, string>> {
    return this.#ask(() => this.#client.hgetall(key))
  }

  hmget(key: string, ...fields: string[]): Promise<(string | null)[]> {
    return this.#ask(() => this.#client.hmget(key, ...fields))
  }

  get(key: string): Promise<string | null> {
    return this.#ask(() => this.#client.get(key))
  }

  async setFor(key: string, value: string, ttlMs: number): Promise<void> {
    await this.#ask(() => this.#client.set(key, value, 'PX', ttlMs))
  }

  async hset(key: string, field: string, value: string): Promise<void> {
    await this.#ask(() => this.#client.hset(key, field, value))
  }

  async hdel(key: string, fields: string[]): Promise<void> {
    if (fields.length > 0) await this.#ask(() => this.#client.hdel(key, ...fields))
  }

  async zrangeByScore(key: string, max: number | '+inf', limit: number): Promise<[string, number][]> {
    const flat = await this.#ask(() =>
      this.#client.zrangebyscore(key, '-inf', max, 'WITHSCORES', 'LIMIT', 0, limit),
    )
    return pairsOf(flat)
  }

  zrevrange(key: string, start: number, stop: number): Promise<string[]> {
    return this.#ask(() => this.#client.zrevrange(key, start, stop))
  }

  async zrevrangeByScore(
    key: string,
    { max, start, count }: { max: number | '+inf'; start: number; count: number },
  ): Promise<[string, number][]> {
    const flat = await this.#ask(() =>
      this.#client.zrevrangebyscore(key, max, '-inf', 'WITHSCORES', 'LIMIT', start, count),
    )
    return pairsOf(flat)
  }

  async zrangeByLex(
    key: string,
    { min, max, count }: { min: string; max: string; count: number },
  ): Promise<string[]> {
    return this.#ask(() => this.#client.zrangebylex(key, min, max, 'LIMIT', 0, count))
  }

  async zscore(key: string, member: string): Promise<number | undefined> {
    const score = await this.#ask(() => this.#client.zscore(key, member))
    return score === null ? undefined : Number(score)
  }

  async zrem(key: string, members: string[]): Promise<void> {
    if (members.length > 0) await this.#ask(() => this.#client.zrem(key, ...members))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#health.stop()
    this.#connection.close()
  }

  /** What was taken for a server is a node of a cluster: from here on its commands go to wherever their keys lie. */
  #turnToCluster(): void {
    if (this.#connection.isCluster || this.#isClosed) return
    this.#options.onStatus('cluster', '')
    this.#connection.close()
    this.#connection = openCluster(this.#address.nodes, this.#options)
  }

  /** One command. Its answer, even a refusal, says that the server is there. */
  async #ask<T>(command: () => Promise<T>): Promise<T> {
    try {
      const answer = await command()
      this.#health.heard()
      return answer
    } catch (error) {
      if (isElsewhere(error)) this.#turnToCluster()
      this.#health.failed(error)
      throw storeError(error)
    }
  }
}

/** What a server and a cluster have in common. */
type Commands = Client
type ScriptCall = (this: Client, numberOfKeys: number, ...rest: (string | number)[]) => Promise<unknown>

/** Members and scores, as Redis answers with them: one after the other. */
function pairsOf(flat: readonly string[]): [string, number][] {
  const pairs: [string, number][] = []
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([flat[i]!, Number(flat[i + 1])])
  return pairs
}
