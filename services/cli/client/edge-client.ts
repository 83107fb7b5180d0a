import { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { BlobReading } from '#platform/nats/blob-store.ts'
import type { WatchItem } from '#platform/tasks/watch-task.ts'
import { type AgentView, listAgentsResponseSchema } from '#schemas/agent.ts'
import { type BlobRef, blobRefSchema } from '#schemas/blob.ts'
import type { JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import {
  type CheckPlanResponse,
  checkPlanResponseSchema,
  type SubmissionReceipt,
  submissionReceiptSchema,
} from '#schemas/submission.ts'
import { type SystemStatus, systemStatusSchema } from '#schemas/system-status.ts'
import type { TaskState } from '#schemas/task.ts'
import {
  cancelTaskResponseSchema,
  formatLabelFilter,
  getTaskResponseSchema,
  type ListTasksResponse,
  listTasksResponseSchema,
} from '#schemas/task-requests.ts'
import { EdgeHttp } from './edge-http.ts'
import { openObject } from './edge-object.ts'
import type { EdgeTarget } from './edge-target.ts'
import { EdgeVideo } from './edge-video.ts'
import { watchOverEdge } from './edge-watch.ts'
import type { ClientDeps, MurmurClient, TaskQuery, VideoClient } from './murmur-client.ts'
import { wholeOf } from './whole-object.ts'

const uploadSchema = z.object({ object: blobRefSchema })

/** The edge's REST. The tenant is that of the credential. */
export class EdgeClient implements MurmurClient {
  readonly address: string
  readonly video: VideoClient
  /** Whoever comes by the edge has a key, and makes none. */
  readonly keys = undefined
  /** What was given up may be of any tenant. */
  readonly deadLetters = undefined
  readonly #http: EdgeHttp
  readonly #deps: ClientDeps

  constructor(target: EdgeTarget, deps: ClientDeps) {
    this.address = target.url
    this.#deps = deps
    this.#http = new EdgeHttp(target)
    this.video = new EdgeVideo(this.#http, deps.clock)
  }

  submit(submission: JsonValue): Promise<SubmissionReceipt> {
    return this.#http.call('/v1/tasks', submissionReceiptSchema, { method: 'POST', json: submission })
  }

  async get(taskId: string): Promise<TaskState> {
    return (await this.#http.call(taskPath(taskId), getTaskResponseSchema)).task
  }

  list({ labels, createdFromMs, createdBeforeMs, ...same }: TaskQuery): Promise<ListTasksResponse> {
    const query = {
      ...same,
      label: Object.entries(labels ?? {}).map(([name, value]) => formatLabelFilter(name, value)),
      createdFrom: createdFromMs,
      createdBefore: createdBeforeMs,
    }
    return this.#http.call('/v1/tasks', listTasksResponseSchema, { query })
  }

  cancel(taskId: string, reason?: string): Promise<{ taskId: string; accepted: true }> {
    const json = { ...(reason && { reason }) }
    return this.#http.call(`${taskPath(taskId)}/cancel`, cancelTaskResponseSchema, { method: 'POST', json })
  }

  checkPlan(submission: JsonValue): Promise<CheckPlanResponse> {
    return this.#http.call('/v1/plans', checkPlanResponseSchema, { method: 'POST', json: submission })
  }

  watch(taskId: string, signal: AbortSignal): AsyncGenerator<WatchItem> {
    return watchOverEdge(this.#http, `${taskPath(taskId)}/events`, { clock: this.#deps.clock, signal })
  }

  async agents(): Promise<AgentView[]> {
    return (await this.#http.call('/v1/agents', listAgentsResponseSchema)).agents
  }

  status(): Promise<SystemStatus> {
    return this.#http.call('/v1/status', systemStatusSchema)
  }

  async upload(
    bytes: AsyncIterable<Uint8Array>,
    { contentType, name, size }: { contentType: string; name?: string; size: number },
  ): Promise<BlobRef> {
    // Else the edge hangs up in the middle, and why could not be read.
    if (size > LIMITS.blobBytes)
      throw new MurmurError(
        'PAYLOAD_TOO_LARGE',
        `${name ?? 'the object'} has ${size} bytes, at most ${LIMITS.blobBytes} are kept`,
      )
    const { object } = await this.#http.call('/v1/objects', uploadSchema, {
      method: 'POST',
      query: { name },
      headers: { 'content-type': contentType, 'content-length': String(size) },
      body: ReadableStream.from(bytes),
      // As long as it takes: an edge hangs up on who stands still.
      isUnlimited: true,
    })
    return object
  }

  async download(ref: BlobRef, options: { maxBytes?: number } = {}): Promise<Uint8Array> {
    return wholeOf(await this.read(ref.blob), ref, options.maxBytes ?? LIMITS.blobBytes)
  }

  read(key: string): Promise<BlobReading> {
    return openObject(this.#http, key)
  }

  async close(): Promise<void> {}
}

/** Ids are tokens of NATS and may hold what a path may not. */
function taskPath(taskId: string): string {
  return `/v1/tasks/${encodeURIComponent(taskId)}`
}
