import type { StorageMark } from '#schemas/storage.ts'
import { BLOB_BUCKET, STREAMS } from '#subjects/streams.ts'
import { STREAM_BOUNDS } from '../intake/capacity-check.ts'
import { MEMORY_BOUND } from '../intake/memory-check.ts'

/** What is looked at: streams that refuse what finds no room, and the stores beside them. */
export type StorageResource = Exclude<keyof typeof STREAMS, 'dead' | 'alerts' | 'keyUses'> | StoreResource
type StoreResource = 'objects' | 'jetstream' | 'redis' | 'archive'

export interface ResourceMarks {
  /** Above the first new tasks are refused; above the second half of what is left is used; above the last what may go goes. Shares, rising. */
  readonly marks: readonly [first: number, second: number, last: number]
  /** Whether it is new tasks that are refused above the first. Otherwise it is only told. */
  readonly refuses: boolean
}

/** For those whose next entry is refused by itself, and that no task depends on that was accepted. */
const TOLD: ResourceMarks = { marks: [0.8, 0.9, 0.97], refuses: false }

export const STORAGE_MARKS: Readonly<Record<StorageResource, ResourceMarks>> = {
  log: { marks: [STREAM_BOUNDS.log, 0.92, 0.97], refuses: true },
  steps: { marks: [STREAM_BOUNDS.steps, 0.9, 0.97], refuses: true },
  objects: { marks: [BLOB_BUCKET.newWorkShare, 0.95, 0.98], refuses: true },
  jetstream: { marks: [0.9, 0.95, 0.98], refuses: true },
  redis: { marks: [MEMORY_BOUND, 0.92, 0.97], refuses: true },
  archive: { marks: [0.85, 0.9, 0.95], refuses: false },
  intake: TOLD,
  checkpoints: TOLD,
  cameraEvents: TOLD,
  keys: TOLD,
  policies: TOLD,
  templates: TOLD,
  schedules: TOLD,
  submissionKeys: TOLD,
}

/** Streams among them: of those that let the oldest go, being full says nothing. */
export const WATCHED_STREAMS = (Object.keys(STREAMS) as (keyof typeof STREAMS)[]).filter(
  (name): name is Exclude<StorageResource, StoreResource> => name in STORAGE_MARKS,
)

/** Who goes up and down around a mark is told once. A share. */
const BELOW = 0.02

/**
 * Finished tasks that the archive has leave Redis from here on, until it is at `to`: that costs a slower read and nothing else, so it comes
 * before any new task is refused.
 */
export const RELIEF = { from: MEMORY_BOUND - 0.05, to: MEMORY_BOUND - 0.1 } as const

/** Above how many marks a share is, where it was above `before` of them: down it goes only a little below one. Pure. */
export function markOf(share: number, { marks }: ResourceMarks, before: StorageMark = 0): StorageMark {
  const above = (margin: number) => marks.filter((mark) => share > mark - margin).length as StorageMark
  const up = above(0)
  return up >= before ? up : (Math.min(before, above(BELOW)) as StorageMark)
}
