import {
  assertKey,
  type ByteRange,
  type FileStore,
  type StoredFile,
  type StoreRoom,
} from '../../services/platform/storage/file-store.ts'

/** Files in memory. `failAt` makes the write of that number fail, and all after it: the process has died there. */
export class MemoryFileStore implements FileStore {
  readonly place = 'memory'
  readonly files = new Map<string, { bytes: Uint8Array; modifiedAtMs: number }>()
  nowMs = 0
  writes = 0
  reads = 0
  failAt = Number.POSITIVE_INFINITY
  disk: StoreRoom | undefined

  async room(): Promise<StoreRoom | undefined> {
    return this.disk
  }

  async list(prefix: string, { after = '', count = Number.POSITIVE_INFINITY } = {}): Promise<StoredFile[]> {
    return [...this.files]
      .filter(([key]) => key.startsWith(prefix) && key > after)
      .map(([key, { bytes, modifiedAtMs }]) => ({ key, bytes: bytes.length, modifiedAtMs }))
      .toSorted((a, b) => (a.key < b.key ? -1 : 1))
      .slice(0, count)
  }

  async read(key: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    this.reads++
    const bytes = this.files.get(key)?.bytes
    return bytes && range ? bytes.subarray(range.from, range.from + range.bytes) : bytes
  }

  async write(key: string, bytes: Uint8Array): Promise<void> {
    this.#step(key)
    this.files.set(key, { bytes, modifiedAtMs: this.nowMs })
  }

  async create(key: string, bytes: Uint8Array): Promise<boolean> {
    this.#step(key)
    if (this.files.has(key)) return false
    this.files.set(key, { bytes, modifiedAtMs: this.nowMs })
    return true
  }

  async delete(key: string): Promise<void> {
    this.#step(key)
    this.files.delete(key)
  }

  #step(key: string): void {
    assertKey(key)
    if (++this.writes >= this.failAt) throw new Error('the process has died')
  }
}
