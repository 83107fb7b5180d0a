/** A stream as we want it. Only options that nats-server 2.9 knows: the core path needs nothing newer. */
export interface StreamSpec {
  name: string
  subjects: string[]
  retention: 'limits' | 'workqueue'
  discard: 'old' | 'new'
  storage: 'file' | 'memory'
  /** Milliseconds; 0: no limit. */
  maxAgeMs: number
  /** Share of the storage that the whole project may use (MURMUR_STORAGE_GIB); all shares together are 1. */
  storageShare: number
  /** Bytes, for what is kept in memory and has no share. */
  maxBytes?: number
  /** Messages kept of one subject. */
  maxPerSubject?: number
  /** Each subject is a queue of its own, and the stream holds so many full ones of the largest messages: see `queueRoom`. */
  fullQueues?: number
  /** How long the server remembers message ids. Milliseconds. */
  duplicateWindowMs: number
  why: string
}

export const hours = (n: number): number => n * 3_600_000
export const minutes = (n: number): number => n * 60_000
