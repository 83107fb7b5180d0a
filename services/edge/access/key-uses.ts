import { randomUUID } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { LogReading, Publishing } from '#platform/nats/bus.ts'
import type { LogReader } from '#platform/nats/log-reader.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { type ApiKey, type KeyUse, keyUseSchema } from '#schemas/api-key.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

/** A key that is used all the time is written down this often by each edge: what is shown is as old as that at most. */
const WRITE_INTERVAL_MS = 300_000
const PUBLISH_TIMEOUT_MS = 5000
const MAX_ADDRESS = 128

export interface KeyUsesDeps {
  bus: Pick<LogReading, 'consumers'> & Publishing
  clock: Pick<Clock, 'nowMs'>
  log: Log
}

/**
 * When each key was used last, of all edges. It is written behind requests and never waited for: while NATS is away, or its stream is
 * not there yet, keys let in as they do.
 */
export class KeyUses implements Component {
  readonly name = 'key uses'
  readonly #deps: KeyUsesDeps
  readonly #uses = new Map<string, KeyUse>()
  /** By this edge. */
  readonly #writtenAtMs = new Map<string, number>()
  #reader: LogReader | undefined

  constructor(deps: KeyUsesDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#reader = this.#deps.bus.consumers.readLog({
      stream: STREAMS.keyUses.name,
      filterSubject: SUBJECTS.keyUsesAll,
      fromSeq: 1,
      onMessage: ({ data }) => {
        const use = readMessage(data, keyUseSchema)
        if (use) this.#learn(use)
      },
      onTrouble: (reason) => this.#deps.log.debug({ reason }, 'uses of keys can not be read'),
    })
  }

  async stop(): Promise<void> {
    await this.#reader?.stop()
  }

  /** A key has let somebody in. @param address where that came from */
  note(id: string, address = ''): void {
    const { bus, clock, log } = this.#deps
    const atMs = clock.nowMs()
    const use: KeyUse = { v: 1, id, atMs, address: address.slice(0, MAX_ADDRESS) }
    this.#learn(use)
    if (atMs - (this.#writtenAtMs.get(id) ?? Number.NEGATIVE_INFINITY) < WRITE_INTERVAL_MS) return
    this.#writtenAtMs.set(id, atMs)
    const options = { msgId: randomUUID(), giveUpAfterMs: PUBLISH_TIMEOUT_MS, refuseWhenFull: true }
    bus.publisher
      .publish(SUBJECTS.keyUse(id), JSON.stringify(use), options)
      .catch((error: unknown) => log.debug({ reason: messageOf(error) }, 'the use of a key was not written'))
  }

  /** A key with its last use. */
  withUse(key: ApiKey): ApiKey {
    const use = this.#uses.get(key.id)
    return use ? { ...key, lastUsedAtMs: use.atMs, lastUsedFrom: use.address } : key
  }

  #learn(use: KeyUse): void {
    const known = this.#uses.get(use.id)
    if (!known || known.atMs < use.atMs) this.#uses.set(use.id, use)
  }
}
