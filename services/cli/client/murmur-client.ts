import type { Clock } from '#platform/clock/clock.ts'
import type { BlobReading } from '#platform/nats/blob-store.ts'
import type { WatchItem } from '#platform/tasks/watch-task.ts'
import type { AgentView } from '#schemas/agent.ts'
import type { Alert, ChangeAlertRequest, ListAlertsRequest, ListAlertsResponse } from '#schemas/alert.ts'
import type { ApiKey, CreateKeyRequest } from '#schemas/api-key.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { CameraState, Tracks } from '#schemas/camera.ts'
import type {
  GetDeadLetterResponse,
  ListDeadLettersRequest,
  ListDeadLettersResponse,
} from '#schemas/dead-letter.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { CheckPlanResponse, SubmissionReceipt } from '#schemas/submission.ts'
import type { SystemStatus } from '#schemas/system-status.ts'
import type { TaskState } from '#schemas/task.ts'
import type { ListTasksRequest, ListTasksResponse } from '#schemas/task-requests.ts'

/** What a client needs beside its address. */
export interface ClientDeps {
  clock: Clock
}

/** A list's request as a command makes it: the service adds its defaults. */
export type TaskQuery = Partial<ListTasksRequest>
export type AlertQuery = Partial<ListAlertsRequest>

/**
 * The system as a command uses it, over NATS or over the edge: typed calls, every answer checked.
 * Every call may throw MurmurError UNAVAILABLE, and the problem that it is answered with.
 */
export interface MurmurClient {
  /** Where it goes, for people: without passwords. */
  readonly address: string
  /** Cameras and alerts, over the same connection. */
  readonly video: VideoClient
  /** Who may come in by the edge; only over NATS. */
  readonly keys: KeyAdmin | undefined
  /** What was given up; only over NATS. */
  readonly deadLetters: DeadLetterReader | undefined

  submit(submission: JsonValue): Promise<SubmissionReceipt>
  get(taskId: string): Promise<TaskState>
  list(request: TaskQuery): Promise<ListTasksResponse>
  cancel(taskId: string, reason?: string): Promise<{ taskId: string; accepted: true }>
  /** What a submission would do; nothing is run. */
  checkPlan(submission: JsonValue): Promise<CheckPlanResponse>
  /** A task to its end, no event missing and none twice; the last item is the task in its final state. */
  watch(taskId: string, signal: AbortSignal): AsyncGenerator<WatchItem>
  agents(): Promise<AgentView[]>
  status(): Promise<SystemStatus>

  /** Keeps an object, a piece at a time in memory. @throws MurmurError PAYLOAD_TOO_LARGE, and what `bytes` throws */
  upload(
    bytes: AsyncIterable<Uint8Array>,
    about: { contentType: string; name?: string; size: number },
  ): Promise<BlobRef>
  /** An object as a whole, checked against its reference. @throws MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT, LIMIT_EXCEEDED */
  download(ref: BlobRef, options?: { maxBytes?: number }): Promise<Uint8Array>
  /** An object by its key alone, as it comes. @throws MurmurError BLOB_NOT_FOUND */
  read(key: string): Promise<BlobReading>

  close(): Promise<void>
}

/** What happens at a camera, as it happens. */
export interface CameraListener {
  onTracks?(tracks: Tracks): void
  onState?(state: CameraState): void
  onAlert?(alert: Alert): void
}

export interface CameraListening {
  /** Which monitor it is about is known: some ways tell what it sees only from here on. */
  begin(monitor: string): void
  end(): void
}

/** What becomes of alerts. */
export interface AlertListener {
  onRaised(alert: Alert): void
  /** Acknowledged or resolved. */
  onChanged(alert: Alert): void
}

/** Cameras, monitors and alerts as a command uses them. */
export interface VideoClient {
  /** From now on, whichever monitor it is of. */
  listen(camera: string, listener: CameraListener): Promise<CameraListening>
  /** Alerts of all cameras, from when it resolves. @param onFault told when it can't go on. @returns a function that ends it */
  onAlerts(listener: AlertListener, onFault: (error: unknown) => void): Promise<() => void>
  /** Asks the capture of a monitor to end in order. @throws MurmurError UNAVAILABLE when it is not captured now */
  stop(taskId: string): Promise<void>
  /** @throws MurmurError ALERT_NOT_FOUND */
  alert(id: string): Promise<Alert>
  alerts(request: AlertQuery): Promise<ListAlertsResponse>
  changeAlert(request: ChangeAlertRequest): Promise<Alert>
}

export interface KeyAdmin {
  create(request: CreateKeyRequest): Promise<{ key: ApiKey; secret: string }>
  list(tenant?: string): Promise<ApiKey[]>
  /** @throws MurmurError KEY_NOT_FOUND */
  revoke(id: string): Promise<ApiKey>
}

export interface DeadLetterReader {
  list(request: Partial<ListDeadLettersRequest>): Promise<ListDeadLettersResponse>
  /** @throws MurmurError DEAD_LETTER_NOT_FOUND */
  get(seq: number): Promise<GetDeadLetterResponse>
}
