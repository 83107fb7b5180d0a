import type { BlobReading } from '#platform/nats/blob-store.ts'
import type { KeptUpload } from '#platform/nats/counted-upload.ts'
import type { FoundClip } from '#platform/nats/read-clip.ts'
import type { WatchItem } from '#platform/tasks/watch-task.ts'
import type { Alert } from '#schemas/alert.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { CameraState, FrameMarks, Tracks } from '#schemas/camera.ts'
import type { DetectorModels } from '#schemas/detection.ts'
import type { OPERATOR_OPERATIONS } from '#subjects/operations/system.ts'
import type { EdgeOperationName, NatsOperationName, RequestInput, ResponseOf } from '#subjects/operations.ts'

/** Operations that are answered over every transport. */
export type ClientOperationName = NatsOperationName & EdgeOperationName
/** Those that no edge passes on. */
export type OperatorOperationName = keyof typeof OPERATOR_OPERATIONS

/** Calls operations of the catalogue by name; every answer is checked by the row's schema. */
export type CallOperation<Names extends NatsOperationName> = <Name extends Names>(
  operation: Name,
  body: RequestInput<Name>,
) => Promise<ResponseOf<Name>>

/**
 * What differs between NATS and the REST of an edge. Everything may throw MurmurError UNAVAILABLE, and the problem that it is
 * answered with.
 */
export interface Transport {
  /** Where it goes, for people: without passwords. */
  readonly address: string
  readonly call: CallOperation<ClientOperationName>
  /** Undefined where operators can't come in. */
  readonly operatorCall: CallOperation<OperatorOperationName> | undefined
  /** A task to its end, no event missing and none twice; the last item is the task in its final state. */
  watchTask(taskId: string, signal: AbortSignal): AsyncGenerator<WatchItem>
  /** A camera from now on, whichever monitor it is of. */
  watchCamera(camera: string, listener: CameraListener): Promise<CameraListening>
  /** Alerts of all cameras, from when it resolves. @param onFault told when it can't go on. @returns a function that ends it */
  watchAlerts(listener: AlertListener, onFault: (error: unknown) => void): Promise<() => void>
  /** The models of a detector. Undefined where no detector can be asked: an edge passes that on to nobody. */
  detectorModels?(): Promise<DetectorModels>
  /** Asks the capture of a monitor to end in order. @throws MurmurError UNAVAILABLE when it is not captured now */
  stopMonitor(taskId: string): Promise<void>
  /** The newest picture of a monitored camera, as JPEG. @throws MurmurError UNAVAILABLE, TASK_STATE_CONFLICT when there is none now */
  monitorFrame(taskId: string, marks: FrameMarks): Promise<Uint8Array>
  /**
   * Keeps an object, a piece at a time in memory. Nothing of it is kept when it fails.
   * @throws MurmurError PAYLOAD_TOO_LARGE, QUOTA_EXCEEDED, OVERLOADED, and what `bytes` throws
   */
  upload(bytes: AsyncIterable<Uint8Array>, about: UploadInfo): Promise<KeptUpload>
  /** An object as a whole, checked against its reference. @throws MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT, LIMIT_EXCEEDED */
  download(ref: BlobRef, options?: { maxBytes?: number }): Promise<Uint8Array>
  /** An object by its key alone, as it comes. @throws MurmurError BLOB_NOT_FOUND */
  read(key: string): Promise<BlobReading>
  /**
   * A clip of a recording, as it comes.
   * @param index its place among the clips of its span
   * @throws MurmurError RECORDING_NOT_FOUND
   */
  readClip(found: FoundClip, index: number): AsyncIterable<Uint8Array>
  /** A link to the clip of an alert, for whoever has it. @throws CliError where no edge is asked */
  linkClip(alert: string, expiresInSec: number): Promise<{ url: string; expiresAtMs: number }>
  close(): Promise<void>
}

export interface UploadInfo {
  contentType: string
  name?: string
  /** Bytes. */
  size: number
  /** Breaks it off, also while nothing moves. */
  signal?: AbortSignal
}

/** What happens at a camera, as it happens. */
export interface CameraListener {
  onTracks?(tracks: Tracks): void
  onState?(state: CameraState): void
  onAlert?(alert: Alert): void
}

export interface CameraListening {
  /** Which monitor it is about is known: over an edge, what it sees is told only from here on. */
  begin(monitor: string): void
  end(): void
}

/** What becomes of alerts. */
export interface AlertListener {
  onRaised(alert: Alert): void
  /** Acknowledged or resolved. */
  onChanged(alert: Alert): void
}
