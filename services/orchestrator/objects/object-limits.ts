import { BLOB_BUCKET, streamBytes } from '#subjects/streams.ts'

/** What tenants may have in the object store, as it is set. Bytes. */
export interface ObjectLimitSettings {
  /** All that the store may have. */
  storageBytes: number
  /** Of each tenant; 0: no limit; undefined: a share of the store. */
  tenantObjectBytes?: number | undefined
  tenantObjectBytesOf?: ReadonlyMap<string, number> | undefined
}

/**
 * How many bytes of objects each tenant may have: one number for what it uploads and for its new tasks, and a higher one for what its
 * accepted tasks make, so that those end although the first one is reached. Pure.
 */
export class ObjectLimits {
  readonly #settings: ObjectLimitSettings

  constructor(settings: ObjectLimitSettings) {
    this.#settings = settings
  }

  /** For uploads and new tasks; 0: no limit. */
  of(tenant: string): number {
    const { tenantObjectBytes, tenantObjectBytesOf, storageBytes } = this.#settings
    const given = tenantObjectBytesOf?.get(tenant) ?? tenantObjectBytes
    return given ?? Math.floor(Math.max(0, streamBytes(BLOB_BUCKET, storageBytes)) * BLOB_BUCKET.tenantShare)
  }

  /** For what accepted tasks make; 0: no limit. */
  forResults(tenant: string): number {
    return Math.floor((this.of(tenant) * BLOB_BUCKET.tenantResultShare) / BLOB_BUCKET.tenantShare)
  }
}

const MIB = 1024 ** 2
const GIB = 1024 ** 3

/** For people. Pure. */
export function sizeText(bytes: number): string {
  if (bytes < 10 * MIB) return `${bytes} bytes`
  return bytes < GIB ? `${Math.floor(bytes / MIB)} MiB` : `${(bytes / GIB).toFixed(2)} GiB`
}
