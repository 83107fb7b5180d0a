import { z } from 'zod'
import { loadNatsSecurity } from '#platform/config/connections.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import { Bus } from '#platform/nats/bus.ts'
import { type AgentView, agentViewSchema } from '#schemas/agent.ts'
import {
  type ApiKey,
  type CreateKeyRequest,
  createKeyResponseSchema,
  listKeysResponseSchema,
  revokeKeyResponseSchema,
} from '#schemas/api-key.ts'
import type { JsonValue } from '#schemas/json.ts'
import { type SubmissionReceipt, submissionReceiptSchema } from '#schemas/submission.ts'
import { type SystemStatus, systemStatusSchema } from '#schemas/system-status.ts'
import type { TaskState, TaskSummary } from '#schemas/task.ts'
import { type TaskEvent, taskEventSchema } from '#schemas/task-event.ts'
import {
  cancelTaskResponseSchema,
  getTaskResponseSchema,
  type ListTasksRequest,
  listTasksResponseSchema,
} from '#schemas/task-queries.ts'
import { SERVICES, SUBJECTS } from '#subjects/subjects.ts'
import { VideoClient } from './video-client.ts'

const ANSWER_WITHIN_MS = 5_000
const BLOBS_WAIT_MS = 5_000
const agentListSchema = z.object({ agents: z.array(agentViewSchema) })
const decoder = new TextDecoder()

/** The services of the orchestrator as a command uses them: typed calls, every answer checked. */
export class TaskClient {
  readonly natsUrl: string
  /** Cameras and alerts, over the same connection. */
  readonly video: VideoClient
  readonly #bus: Bus
  #blobs: Promise<BlobStore> | undefined

  private constructor(natsUrl: string, bus: Bus) {
    this.natsUrl = natsUrl
    this.#bus = bus
    this.video = new VideoClient(bus)
  }

  /** @throws MurmurError UNAVAILABLE */
  static async connect(natsUrl: string): Promise<TaskClient> {
    return new TaskClient(
      natsUrl,
      await Bus.connect({ url: natsUrl, name: 'murmur cli', security: loadNatsSecurity() }),
    )
  }

  submit(submission: JsonValue): Promise<SubmissionReceipt> {
    return this.#ask(SERVICES.submitTask, submission, submissionReceiptSchema)
  }

  async get(taskId: string): Promise<TaskState> {
    return (await this.#ask(SERVICES.getTask, { taskId }, getTaskResponseSchema)).task
  }

  async list(request: ListTasksRequest): Promise<TaskSummary[]> {
    return (await this.#ask(SERVICES.listTasks, request, listTasksResponseSchema)).tasks
  }

  cancel(taskId: string, reason?: string): Promise<{ taskId: string; accepted: true }> {
    return this.#ask(SERVICES.cancelTask, { taskId, ...(reason && { reason }) }, cancelTaskResponseSchema)
  }

  async agents(): Promise<AgentView[]> {
    return (await this.#ask(SERVICES.listAgents, {}, agentListSchema)).agents
  }

  createKey(request: CreateKeyRequest): Promise<z.infer<typeof createKeyResponseSchema>> {
    return this.#ask(SERVICES.createKey, request, createKeyResponseSchema)
  }

  async keys(tenant?: string): Promise<ApiKey[]> {
    return (await this.#ask(SERVICES.listKeys, { ...(tenant && { tenant }) }, listKeysResponseSchema)).keys
  }

  /** @throws MurmurError KEY_NOT_FOUND */
  async revokeKey(id: string): Promise<ApiKey> {
    return (await this.#ask(SERVICES.revokeKey, { id }, revokeKeyResponseSchema)).key
  }

  status(): Promise<SystemStatus> {
    return this.#ask(SERVICES.systemStatus, {}, systemStatusSchema)
  }

  /** Live events of one task, from now on. What is no event is passed over: anybody may publish there. */
  onEvents(taskId: string, onEvent: (event: TaskEvent) => void): () => void {
    return this.#bus.subscribe(SUBJECTS.eventsOfTask(taskId), ({ data }) => {
      const event = parseEvent(data)
      if (event?.taskId === taskId) onEvent(event)
    })
  }

  /** @throws MurmurError UNAVAILABLE when there is no object store yet */
  blobs(): Promise<BlobStore> {
    this.#blobs ??= this.#bus.openBlobStore({ waitMs: BLOBS_WAIT_MS }).catch((cause: unknown) => {
      throw new MurmurError('UNAVAILABLE', `the object store does not answer: ${messageOf(cause)}`, { cause })
    })
    return this.#blobs
  }

  close(): Promise<void> {
    return this.#bus.close()
  }

  async #ask<Schema extends z.ZodType>(
    subject: string,
    body: unknown,
    schema: Schema,
  ): Promise<z.infer<Schema>> {
    const answer = await this.#bus.request(subject, body, { timeoutMs: ANSWER_WITHIN_MS })
    const parsed = schema.safeParse(answer)
    if (parsed.success) return parsed.data
    throw new MurmurError('INTERNAL', `${subject} gave an answer of another form: ${parsed.error.message}`)
  }
}

function parseEvent(data: Uint8Array): TaskEvent | undefined {
  try {
    return taskEventSchema.safeParse(JSON.parse(decoder.decode(data))).data
  } catch {
    // Not JSON, so not one of our events.
    return undefined
  }
}
