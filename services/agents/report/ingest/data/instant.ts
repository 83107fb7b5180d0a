import type { Column } from '#schemas/document.ts'

export type Granularity = NonNullable<Column['granularity']>

/** A point in time, and how exactly it was written. */
export interface Instant {
  /** Unix milliseconds; what has no zone counts as UTC. */
  ms: number
  granularity: Granularity
  /** What its zone is ahead of UTC; undefined where none is written. */
  zoneMs?: number | undefined
  /** The year has two digits. */
  hasShortYear?: boolean
}
