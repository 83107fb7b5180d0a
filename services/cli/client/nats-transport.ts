import type { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import { untilAborted } from '#platform/clock/until-aborted.ts'
import { loadNatsSecurity } from '#platform/config/connections.ts'
import { loadPayloadKeys } from '#platform/config/payload-keys.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { BlobReading, BlobStore } from '#platform/nats/blob-store.ts'
import { Bus } from '#platform/nats/bus.ts'
import { type KeptUpload, uploadCounted } from '#platform/nats/counted-upload.ts'
import { HeldCalls } from '#platform/nats/held-calls.ts'
import { type FoundClip, readClip } from '#platform/nats/read-clip.ts'
import { withoutCredentials } from '#platform/nats/server-address.ts'
import { natsChunks } from '#platform/tasks/nats-chunks.ts'
import { type WatchItem, watchTask } from '#platform/tasks/watch-task.ts'
import { alertChangeCloudEventSchema, alertCloudEventSchema } from '#schemas/alert.ts'
import type { BlobRef } from '#schemas/blob.ts'
import { cameraStateSchema, type FrameMarks, frameRequestOf, tracksSchema } from '#schemas/camera.ts'
import type { DetectorModels } from '#schemas/detection.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import { taskEventSchema } from '#schemas/task-event.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { userName } from '../user-name.ts'
import type {
  AlertListener,
  CallOperation,
  CameraListener,
  CameraListening,
  ClientOperationName,
  OperatorOperationName,
  Transport,
  UploadInfo,
} from './transport.ts'

const BLOBS_WAIT_MS = 5_000
/** A task that was accepted just now may be one of an orchestrator that has just started. */
const FIRST_PATIENCE_MS = 5000
/** Live events may be lost: without one for so long, a task is looked at. */
const POLL_INTERVAL_MS = 2_000
/** Keys are read once: a command does not last. */
const SILENT = { info: () => undefined, error: () => undefined }
const STOP_TIMEOUT_MS = 5_000
/** Somebody sits there and sees nothing meanwhile. */
const HOLD_MS = 5_000
const DETECTOR_TIMEOUT_MS = 2_000

/** The services on NATS. */
export class NatsTransport implements Transport {
  readonly address: string
  readonly call: CallOperation<ClientOperationName>
  readonly operatorCall: CallOperation<OperatorOperationName>
  readonly #bus: Bus
  readonly #tenant: string
  readonly #clock: Clock
  #blobs: Promise<BlobStore> | undefined

  private constructor(address: string, bus: Bus, tenant: string, clock: Clock) {
    this.address = address
    this.#bus = bus
    this.#tenant = tenant
    this.#clock = clock
    // As an edge asks for those who come through it: while nobody can answer, it is waited for.
    const calls = new HeldCalls(bus, { holdMs: HOLD_MS })
    this.call = (operation, body) => calls.call(operation, body, { tenant })
    this.operatorCall = (operation, body) => bus.call(operation, body)
  }

  /** @throws MurmurError UNAVAILABLE, CONFIG_INVALID */
  static async connect(
    { natsUrl, tenant = DEFAULT_TENANT }: { natsUrl: string; tenant?: string | undefined },
    clock: Clock,
    env?: NodeJS.ProcessEnv,
  ): Promise<NatsTransport> {
    const bus = await Bus.connect({ url: natsUrl, name: 'murmur cli', security: loadNatsSecurity(env) })
    bus.introduce(userName())
    // For uploads and downloads: all else is encrypted and opened by orchestrators.
    bus.objects.codec = loadPayloadKeys(SILENT, env)
    return new NatsTransport(withoutCredentials(natsUrl), bus, tenant, clock)
  }

  detectorModels(): Promise<DetectorModels> {
    return this.#bus.call('detectionModels', {}, { timeoutMs: DETECTOR_TIMEOUT_MS })
  }

  watchTask(taskId: string, signal: AbortSignal): AsyncGenerator<WatchItem> {
    const source: Parameters<typeof watchTask>[0] = {
      get: async () => (await this.call('getTask', { taskId })).task,
      onEvents: (listener) =>
        this.#subscribe(SUBJECTS.eventsOfTask(taskId), taskEventSchema, (event) => {
          if (event.taskId === taskId) listener(event)
        }),
      chunks: natsChunks(this.#bus, { tenant: this.#tenant, taskId }),
    }
    const options = {
      pollIntervalMs: POLL_INTERVAL_MS,
      firstPatienceMs: FIRST_PATIENCE_MS,
      clock: this.#clock,
    }
    return watchTask(source, options, signal)
  }

  async watchCamera(
    camera: string,
    { onTracks, onState, onAlert }: CameraListener,
  ): Promise<CameraListening> {
    const end = await this.#flushed([
      this.#subscribe(SUBJECTS.tracks(this.#tenant, camera), tracksSchema, onTracks),
      this.#subscribe(SUBJECTS.cameraState(this.#tenant, camera), cameraStateSchema, onState),
      this.#subscribe(
        SUBJECTS.alertsOfCamera(this.#tenant, camera),
        alertCloudEventSchema,
        onAlert &&
          (({ data }) => {
            if (data.tenant === this.#tenant) onAlert(data)
          }),
      ),
    ])
    return { begin: () => undefined, end }
  }

  watchAlerts({ onRaised, onChanged }: AlertListener): Promise<() => void> {
    return this.#flushed([
      this.#subscribe(SUBJECTS.alertsAll, alertCloudEventSchema, ({ data }) => {
        if (data.tenant === this.#tenant) onRaised(data)
      }),
      this.#subscribe(SUBJECTS.alertChangesAll, alertChangeCloudEventSchema, ({ data, change }) => {
        if (change !== 'snapshot' && data.tenant === this.#tenant) onChanged(data)
      }),
    ])
  }

  async stopMonitor(taskId: string): Promise<void> {
    await this.#bus.request(SUBJECTS.monitorStop(taskId), {}, { timeoutMs: STOP_TIMEOUT_MS })
  }

  async monitorFrame(taskId: string, marks: FrameMarks): Promise<Uint8Array> {
    const { task } = await this.call('getTask', { taskId })
    const request = frameRequestOf(task.input, marks)
    return this.#bus.requestBytes(SUBJECTS.monitorSnapshot(taskId), request, { timeoutMs: STOP_TIMEOUT_MS })
  }

  async upload(bytes: AsyncIterable<Uint8Array>, { signal, ...about }: UploadInfo): Promise<KeptUpload> {
    const pieces = signal ? untilAborted(bytes, signal) : bytes
    const store = await this.#store()
    const ofTenant = { ...about, tenant: this.#tenant }
    return uploadCounted({ bus: this.#bus, store, tenant: this.#tenant }, pieces, ofTenant)
  }

  async download(ref: BlobRef, options: { maxBytes?: number } = {}): Promise<Uint8Array> {
    return (await this.#store()).get(ref, options)
  }

  async read(key: string): Promise<BlobReading> {
    return (await this.#store()).read(key)
  }

  readClip(found: FoundClip): AsyncIterable<Uint8Array> {
    return readClip(this.#bus, this.#tenant, found, { from: 0, to: found.clip.bytes })
  }

  async linkClip(): Promise<never> {
    throw new MurmurError('INVALID_REQUEST', 'links are made by an edge: name it with --edge')
  }

  close(): Promise<void> {
    return this.#bus.close()
  }

  /** Live messages of one form. What has another is passed over: anybody may publish there. @returns a function that ends it */
  #subscribe<Schema extends z.ZodType>(
    subject: string,
    schema: Schema,
    onMessage: ((value: z.infer<Schema>) => void) | undefined,
  ): () => void {
    if (!onMessage) return () => undefined
    return this.#bus.subscribe(subject, ({ data }) => {
      const message = readMessage(data, schema)
      if (message !== undefined) onMessage(message)
    })
  }

  /** Once the server knows all of these subscriptions. @returns a function that ends them */
  async #flushed(ends: readonly (() => void)[]): Promise<() => void> {
    await this.#bus.flush()
    return () => {
      for (const end of ends) end()
    }
  }

  /** @throws MurmurError UNAVAILABLE when there is no object store yet */
  #store(): Promise<BlobStore> {
    this.#blobs ??= this.#bus.objects.open({ waitMs: BLOBS_WAIT_MS }).catch((cause: unknown) => {
      throw new MurmurError('UNAVAILABLE', `the object store does not answer: ${messageOf(cause)}`, { cause })
    })
    return this.#blobs
  }
}
