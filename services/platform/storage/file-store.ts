/** A file as a listing tells of it. */
export interface StoredFile {
  /** Path within the store: segments of letters, digits, `.`, `_` and `-`, separated by `/`. */
  key: string
  bytes: number
  /** By the clock of the store. Unix milliseconds. */
  modifiedAtMs: number
}

/** What the disk has that files lie on, and what of it is free for them. Bytes. */
export interface StoreRoom {
  totalBytes: number
  freeBytes: number
}

/** The part of a file from one byte on, so many bytes long. */
export interface ByteRange {
  from: number
  bytes: number
}

/**
 * Where files are kept that are written once and read whole or in parts: a folder, or a bucket of an object store. Whoever reads sees a
 * file as it was written, or none.
 */
export interface FileStore {
  /** Where it is, for messages: without secrets. */
  readonly place: string
  /** How much room there is; undefined where nobody can say, as in an object store. @throws MurmurError UNAVAILABLE */
  room(): Promise<StoreRoom | undefined>
  /** Keys that begin with `prefix` and come behind `after`, in their order. @throws MurmurError UNAVAILABLE */
  list(prefix: string, options?: { after?: string | undefined; count?: number }): Promise<StoredFile[]>
  /** A file or a part of it; undefined when there is none. @throws MurmurError UNAVAILABLE */
  read(key: string, range?: ByteRange): Promise<Uint8Array | undefined>
  /** Writes a file, durably, in place of one that is there. @throws MurmurError UNAVAILABLE, CAPACITY_EXCEEDED */
  write(key: string, bytes: Uint8Array): Promise<void>
  /**
   * Writes a file, durably, only where there is none: of two that do so at the same time one succeeds.
   * @returns false: there is one already, and it stays as it is
   * @throws MurmurError UNAVAILABLE
   */
  create(key: string, bytes: Uint8Array): Promise<boolean>
  /** Takes a file away; one that is not there is fine. @throws MurmurError UNAVAILABLE */
  delete(key: string): Promise<void>
}

const KEY = /^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/

/** Keys are made by us: one that is none must not lead out of the store. @throws Error */
export function assertKey(key: string): void {
  if (key.length > 512 || !KEY.test(key)) throw new Error(`"${key}" is no key of a file store`)
}
