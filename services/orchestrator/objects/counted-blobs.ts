import { messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { BlobRef } from '#schemas/blob.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import { ownerOfKey } from '#workflow/decide/object-references.ts'
import type { ObjectLedger } from './ledger/object-ledger.ts'

export interface CountedBlobsDeps {
  blobs: Pick<BlobStore, 'put' | 'keep'>
  ledger: Pick<ObjectLedger, 'record'>
  tenantOf: (taskId: string) => Promise<string | undefined>
  keepFinishedMs: number
  /** The broker's time, Unix ms. */
  nowMs: () => number
  log: Log
}

/**
 * Stores what the platform itself moves out of states and messages, and counts it with what the task's tenant has. It is not refused for
 * that: it is no larger than what was accepted, and a task that could not go on would be stuck.
 */
export class CountedBlobs implements Pick<BlobStore, 'put' | 'keep'> {
  readonly #deps: CountedBlobsDeps

  constructor(deps: CountedBlobsDeps) {
    this.#deps = deps
  }

  async put(...args: Parameters<BlobStore['put']>): Promise<BlobRef> {
    return this.#counted(await this.#deps.blobs.put(...args))
  }

  async keep(...args: Parameters<BlobStore['keep']>): Promise<BlobRef> {
    return this.#counted(await this.#deps.blobs.keep(...args))
  }

  /** What can't be noted now is when the store is counted the next time. */
  async #counted(ref: BlobRef): Promise<BlobRef> {
    const { ledger, tenantOf, keepFinishedMs, nowMs, log } = this.#deps
    try {
      const owner = ownerOfKey(ref.blob)
      const tenant = owner && 'taskId' in owner ? await tenantOf(owner.taskId) : undefined
      const object = { key: ref.blob, tenant: tenant ?? DEFAULT_TENANT, size: ref.size }
      await ledger.record(object, nowMs() + keepFinishedMs)
    } catch (error) {
      log.warn({ key: ref.blob, reason: messageOf(error) }, 'an object could not be counted')
    }
    return ref
  }
}
