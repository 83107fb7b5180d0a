import { STREAM_BOUNDS } from '../../services/orchestrator/intake/capacity-check.ts'
import { MEMORY_BOUND } from '../../services/orchestrator/intake/memory-check.ts'
import { RELIEF } from '../../services/orchestrator/storage/storage-marks.ts'
import { STREAMS } from '../../subjects/streams.ts'

/** A usual task of a workload. Payloads by their JSON, in bytes; what travels by reference (above 32 KiB in, 16 KiB out) counts as 200. */
export interface TaskShape {
  /** Attempts that are made, retries and items of lists included. */
  steps: number
  /** Its input and the inputs in its plan. */
  inBytes: number
  /** What all its steps give. */
  outBytes: number
  /** What it gives in the end: the outputs of its last steps. */
  resultBytes: number
  /** How far its payload can be compressed: 0.1 to 0.3 for JSON and text, 1 for what is encrypted. */
  ratio: number
}

/** Of Redis, for the id of a finished task that has left for the archive. */
export const LEFT_BYTES = 140

/** What one task takes, in bytes, one copy. The same formulas stand in docs/operations.md; a test measures whether they are right. Pure. */
export function bytesOfTask({ steps, inBytes, outBytes, resultBytes, ratio }: TaskShape) {
  const payload = inBytes + outBytes
  return {
    log: 355 + 290 * steps + payload,
    redis: 900 + 390 * steps + payload + resultBytes,
    archive: 90 + 60 * steps + ratio * payload,
  }
}

export interface Workload extends TaskShape {
  tasksPerSecond: number
  /** How long events stay in the log: seven days; with checkpoints about twice MURMUR_LOG_MARGIN_MS. Seconds. */
  logSeconds: number
  /** MURMUR_KEEP_FINISHED_MS, in seconds. */
  keepSeconds: number
  /** How long tasks take, on average. Seconds. */
  taskSeconds: number
  /** MURMUR_ARCHIVE_DAYS. */
  archiveDays: number
}

const GIB = 1024 ** 3
const DAY_S = 86_400

/** What a workload needs, in GiB, one copy. Pure. */
export function sizesOf(load: Workload) {
  const { tasksPerSecond, logSeconds, keepSeconds, taskSeconds, archiveDays } = load
  const each = bytesOfTask(load)
  const log = (tasksPerSecond * logSeconds * each.log) / GIB
  const kept = tasksPerSecond * (keepSeconds + taskSeconds)
  return {
    log,
    /** Of all streams and objects: MURMUR_STORAGE_GIB. */
    storage: log / (STREAMS.log.storageShare * STREAM_BOUNDS.log),
    /** With all finished tasks in Redis. */
    redis: (kept * each.redis) / MEMORY_BOUND / GIB,
    /** The least that goes on: half an hour of finished tasks in Redis, of others their ids. */
    redisWithArchive:
      (tasksPerSecond * (Math.min(1800, keepSeconds) + taskSeconds) * each.redis + kept * LEFT_BYTES) /
      RELIEF.to /
      GIB,
    archive: (tasksPerSecond * archiveDays * DAY_S * each.archive) / GIB,
  }
}
