import { loadNatsSecurity } from '#platform/config/connections.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobReading, BlobStore } from '#platform/nats/blob-store.ts'
import { Bus } from '#platform/nats/bus.ts'
import { withoutCredentials } from '#platform/nats/server-address.ts'
import { type WatchItem, watchTask } from '#platform/tasks/watch-task.ts'
import type { AgentView } from '#schemas/agent.ts'
import type { BlobRef } from '#schemas/blob.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { CheckPlanResponse, SubmissionReceipt } from '#schemas/submission.ts'
import type { SystemStatus } from '#schemas/system-status.ts'
import type { TaskState } from '#schemas/task.ts'
import { taskEventSchema } from '#schemas/task-event.ts'
import type { ListTasksResponse } from '#schemas/task-requests.ts'
import { uploadFolder } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type {
  ClientDeps,
  DeadLetterReader,
  KeyAdmin,
  MurmurClient,
  TaskQuery,
  VideoClient,
} from './murmur-client.ts'
import { listen } from './nats-listen.ts'
import { NatsVideo } from './nats-video.ts'

const BLOBS_WAIT_MS = 5_000
/** Live events may be lost: without one for so long, a task is looked at. */
const POLL_INTERVAL_MS = 2_000

/** The services on NATS. */
export class NatsClient implements MurmurClient {
  readonly address: string
  readonly video: VideoClient
  readonly keys: KeyAdmin
  readonly deadLetters: DeadLetterReader
  readonly #bus: Bus
  readonly #tenant: string
  readonly #deps: ClientDeps
  #blobs: Promise<BlobStore> | undefined

  private constructor(natsUrl: string, tenant: string, bus: Bus, deps: ClientDeps) {
    this.#tenant = tenant
    this.address = withoutCredentials(natsUrl)
    this.#bus = bus
    this.#deps = deps
    this.video = new NatsVideo(bus, tenant)
    this.keys = keysOver(bus)
    this.deadLetters = deadLettersOver(bus)
  }

  /** @throws MurmurError UNAVAILABLE */
  static async connect(
    { natsUrl, tenant = DEFAULT_TENANT }: { natsUrl: string; tenant?: string | undefined },
    deps: ClientDeps,
  ): Promise<NatsClient> {
    const bus = await Bus.connect({ url: natsUrl, name: 'murmur cli', security: loadNatsSecurity() })
    return new NatsClient(natsUrl, tenant, bus, deps)
  }

  submit(submission: JsonValue): Promise<SubmissionReceipt> {
    return this.#bus.call('submitTask', submission, this.#asked)
  }

  async get(taskId: string): Promise<TaskState> {
    return (await this.#bus.call('getTask', { taskId }, this.#asked)).task
  }

  list(request: TaskQuery): Promise<ListTasksResponse> {
    return this.#bus.call('listTasks', request, this.#asked)
  }

  cancel(taskId: string, reason?: string): Promise<{ taskId: string; accepted: true }> {
    return this.#bus.call('cancelTask', { taskId, ...(reason && { reason }) }, this.#asked)
  }

  checkPlan(submission: JsonValue): Promise<CheckPlanResponse> {
    return this.#bus.call('checkPlan', submission, this.#asked)
  }

  watch(taskId: string, signal: AbortSignal): AsyncGenerator<WatchItem> {
    const source: Parameters<typeof watchTask>[0] = {
      get: () => this.get(taskId),
      onEvents: (listener) =>
        listen(this.#bus, SUBJECTS.eventsOfTask(taskId), taskEventSchema, (event) => {
          if (event.taskId === taskId) listener(event)
        }),
    }
    return watchTask(source, { pollIntervalMs: POLL_INTERVAL_MS, clock: this.#deps.clock }, signal)
  }

  async agents(): Promise<AgentView[]> {
    return (await this.#bus.call('listAgents', {})).agents
  }

  status(): Promise<SystemStatus> {
    return this.#bus.call('getStatus', {})
  }

  async upload(
    bytes: AsyncIterable<Uint8Array>,
    { contentType, name }: { contentType: string; name?: string },
  ): Promise<BlobRef> {
    return (await this.#store()).putStream(uploadFolder(this.#tenant), bytes, {
      contentType,
      ...(name !== undefined && { name }),
    })
  }

  async download(ref: BlobRef, options: { maxBytes?: number } = {}): Promise<Uint8Array> {
    return (await this.#store()).get(ref, options)
  }

  async read(key: string): Promise<BlobReading> {
    return (await this.#store()).read(key)
  }

  close(): Promise<void> {
    return this.#bus.close()
  }

  get #asked(): { tenant: string } {
    return { tenant: this.#tenant }
  }

  /** @throws MurmurError UNAVAILABLE when there is no object store yet */
  #store(): Promise<BlobStore> {
    this.#blobs ??= this.#bus.objects.open({ waitMs: BLOBS_WAIT_MS }).catch((cause: unknown) => {
      throw new MurmurError('UNAVAILABLE', `the object store does not answer: ${messageOf(cause)}`, { cause })
    })
    return this.#blobs
  }
}

function keysOver(bus: Bus): KeyAdmin {
  return {
    create: (request) => bus.call('createKey', request),
    list: async (tenant) => (await bus.call('listKeys', { ...(tenant && { tenant }) })).keys,
    revoke: async (id) => (await bus.call('revokeKey', { id })).key,
  }
}

function deadLettersOver(bus: Bus): DeadLetterReader {
  return {
    list: (request) => bus.call('listDeadLetters', request),
    get: (seq) => bus.call('getDeadLetter', { seq }),
  }
}
