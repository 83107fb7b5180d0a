import { MurmurError } from '#platform/errors/murmur-error.ts'

const RETRY_AFTER_MS = 5000

/**
 * How many streams of one tenant are open at this process: each costs memory, and some a consumer, and what one tenant leaves open must not
 * keep others from watching. Pure but for its memory, which is as large as the tenants that watch.
 */
export class StreamQuota {
  readonly #limit: number
  readonly #limitOf: ReadonlyMap<string, number>
  readonly #open = new Map<string, number>()

  /** @param limitOf of particular tenants instead */
  constructor(limit: number, limitOf: ReadonlyMap<string, number> = new Map()) {
    this.#limit = limit
    this.#limitOf = limitOf
  }

  /** Streams that a tenant has open. */
  openOf(tenant: string): number {
    return this.#open.get(tenant) ?? 0
  }

  /** Counts one more. @returns gives it back, once @throws MurmurError QUOTA_EXCEEDED */
  open(tenant: string): () => void {
    const open = this.openOf(tenant)
    const limit = this.#limitOf.get(tenant) ?? this.#limit
    if (open >= limit)
      throw new MurmurError(
        'QUOTA_EXCEEDED',
        `tenant "${tenant}" has ${open} streams open here, ${limit} may be: close some, or watch several tasks by listing them`,
        { retryAfterMs: RETRY_AFTER_MS },
      )
    this.#open.set(tenant, open + 1)
    let isOpen = true
    return () => {
      if (!isOpen) return
      isOpen = false
      const left = this.openOf(tenant) - 1
      if (left > 0) this.#open.set(tenant, left)
      else this.#open.delete(tenant)
    }
  }
}
