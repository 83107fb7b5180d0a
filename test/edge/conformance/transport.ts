import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { WatchedChunks } from '#schemas/step-chunks.ts'
import type { EdgeOperationName } from '#subjects/operations.ts'

/** What a client is answered, whatever transport it came through: the answer's fields, or what it was refused for. */
export type Answer =
  | { ok: true; body: JsonObject }
  | { ok: false; code: string; message: string; fix: string; issues: JsonValue; retryAfterMs?: number }

/** What the suite asks; each transport sends it in its own way. */
export type Asked = Exclude<
  EdgeOperationName,
  | 'watchTask'
  | 'watchAlerts'
  | 'watchTasks'
  // Of logs gRPC knows nothing; test/edge/rest/task-log-route.test.ts has them.
  | 'getTaskLog'
  | 'watchMonitor'
  | 'watchCameras'
  | 'watchMonitors'
  | 'getMonitorFrame'
  | 'putObject'
  | 'getObject'
  // Nodes with recordings answer these: test/edge/rest/recording-routes.test.ts, test/edge/grpc/recording-service.test.ts.
  | 'listRecordings'
  | 'getTimeline'
  | 'findClips'
  | 'exportRecording'
  | 'getAlertClip'
  | 'linkAlertClip'
>

/** One way in. Requests have the fields of the schemas; `id` names a task or an alert in all of them. */
export interface Transport {
  readonly name: string
  ask(operation: Asked, request: JsonObject): Promise<Answer>
  /** Everything that a watcher is told until it ends, after `afterRev` where it is given. @param onItem told as it comes */
  watch(taskId: string, afterRev?: number, onItem?: (item: WatchedItem) => void): Promise<WatchedItem[]>
  /** @returns the reference of the object */
  upload(bytes: Uint8Array, about: { contentType: string; name?: string }): Promise<Answer>
  download(key: string): Promise<{ bytes: Uint8Array; contentType: string } | Answer>
  close(): Promise<void>
}

export interface WatchedItem {
  kind: 'snapshot' | 'event' | 'chunks'
  rev: number | undefined
  /** The event's kind, the task's status, or the chunks as JSON. */
  what: string
}

/** Chunks without what differs from one way to the other: when they came, and how many came together. */
export function chunksItem({ stepId, attempt, from, cut, restarts, chunks }: WatchedChunks): WatchedItem {
  return {
    kind: 'chunks',
    rev: undefined,
    what: JSON.stringify({ stepId, attempt, from, cut, restarts, chunks }),
  }
}
