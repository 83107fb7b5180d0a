import { jetstreamManager } from '@nats-io/jetstream'
import { type ConnectionOptions, connect, type NatsConnection } from '@nats-io/transport-node'
import { type BlobConnection, BlobStore } from './blob-store.ts'
import { untilThere } from './until-there.ts'

const BUDGET_BYTES = 64 * 1024 * 1024
/** An answer to a ping waits behind what is on the way, and nothing waits for this connection. */
const PINGS = { pingInterval: 10_000, maxPingOut: 3 }

/** Objects have a connection of their own, behind whose megabytes nothing else has to wait; made when it is first needed. */
export class ObjectConnection {
  readonly #options: ConnectionOptions
  readonly #budgetBytes: number
  #nc: Promise<NatsConnection> | undefined

  /** `options`: as those of the connection that it stands beside. */
  constructor(options: ConnectionOptions, budgetBytes: number = BUDGET_BYTES) {
    this.#options = { ...options, ...PINGS, name: `${options.name} objects` }
    this.#budgetBytes = budgetBytes
  }

  /** Opens the bucket and makes it when it is not there. */
  async createStore(options: { storageBytes: number }): Promise<BlobStore> {
    return BlobStore.create(await this.#open(), options)
  }

  /** Opens the bucket; it may take until an orchestrator has made it. @throws Error when it is not there after `waitMs` */
  openStore({ waitMs }: { waitMs: number }): Promise<BlobStore> {
    return untilThere(async () => BlobStore.open(await this.#open()), waitMs)
  }

  /** Never rejects. */
  async close(): Promise<void> {
    await this.#nc?.then((nc) => nc.close()).catch(() => undefined)
  }

  async #open(): Promise<BlobConnection> {
    this.#nc ??= connect(this.#options).catch((error: unknown) => {
      this.#nc = undefined
      throw error
    })
    const nc = await this.#nc
    const jsm = await jetstreamManager(nc, { timeout: 10_000, checkAPI: false })
    return { nc, jsm, budgetBytes: this.#budgetBytes }
  }
}
