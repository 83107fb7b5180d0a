import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { retryUntil } from '../clock/promises.ts'
import type { PayloadCodec } from '../secrets/payload-codec.ts'
import { type BlobConnection, type BlobLimits, BlobStore } from './blob-store.ts'
import { untilLive } from './live-connection.ts'
import { ObjectClient } from './object-client.ts'
import { type ConnectOptions, openConnection } from './open-connection.ts'
import type { Copies } from './stream-copies.ts'

/** An answer to a ping waits behind what is on the way, and nothing waits for this connection. */
const PINGS = { pingInterval: 10_000, maxPingOut: 3 }
const LIVE_TIMEOUT_MS = 10_000

/** The object store, on a connection of its own: nothing else has to wait behind its megabytes. */
export class ObjectStores {
  readonly #options: ConnectOptions
  readonly #limits: BlobLimits
  #connection: Promise<NatsConnection> | undefined
  /** Encrypts objects that are stored from here on. */
  codec: PayloadCodec | undefined

  constructor(options: ConnectOptions, limits: BlobLimits) {
    this.#options = options
    this.#limits = limits
  }

  /** Opens the bucket and makes it when it is not there. */
  async create(options: { storageBytes: number; copies?: Copies }): Promise<BlobStore> {
    return BlobStore.create(await this.#connect(), options)
  }

  /** Opens the bucket; it may take until an orchestrator has made it. @throws Error when it is not there after `waitMs` */
  open(options: { waitMs: number }): Promise<BlobStore> {
    return retryUntil(async () => BlobStore.open(await this.#connect()), options.waitMs)
  }

  /** Objects for the steps of an agent type, which orchestrators read and write for it. */
  forAgent(agent: string): ObjectClient {
    return new ObjectClient(agent, async () => (await this.#connect()).nc, this.#limits)
  }

  close(): void {
    void this.#connection?.then((connection) => connection.close()).catch(() => undefined)
  }

  /** Made when objects are first needed. */
  async #connect(): Promise<BlobConnection> {
    const options = { ...this.#options, name: `${this.#options.name} objects`, pings: PINGS }
    this.#connection ??= openConnection(options).then(
      ({ nc }) => nc,
      (error: unknown) => {
        this.#connection = undefined
        throw error
      },
    )
    const nc = await this.#connection
    await untilLive(nc, LIVE_TIMEOUT_MS)
    const jsm = await jetstreamManager(nc, { timeout: 10_000, checkAPI: false })
    return { nc, jsm, ...this.#limits, codec: this.codec }
  }
}
