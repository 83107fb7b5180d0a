/** Whose lock is spoken of. */
export interface LockClaim {
  /** Locks of one scope (a tenant) know nothing of those of another. */
  readonly scope: string
  readonly name: string
  /** Chosen by chance for each claim: the same claim again, after an answer that was lost, is the same owner. */
  readonly owner: string
}

/** A claim that was granted. */
export interface LockGrant extends LockClaim {
  readonly token: number
}

/** `retryAfterMs`: when the lease of whoever has it ends, unless it is renewed. */
export type Acquisition =
  | { readonly kind: 'granted'; readonly token: number }
  | { readonly kind: 'held'; readonly retryAfterMs: number }

/**
 * Where leases are kept. Each call is one atomic decision of the store, by its own clock: only durations cross the wire.
 *
 * The fencing token of a grant exceeds those of all grants before it in its scope, also when the store has been emptied or has lost its
 * last writes. Every call throws MurmurError UNAVAILABLE when the store does not answer.
 */
export interface LockStore {
  /** Grants a lock that is free; to its owner again, with the same token and a new lease. @throws MurmurError OVERLOADED */
  acquire(claim: LockClaim, leaseMs: number): Promise<Acquisition>
  /**
   * Makes the lease last `leaseMs` from now on. A grant that the store has forgotten is known again, unless a later one was made.
   * @returns false when the lock is not this owner's any more
   */
  renew(grant: LockGrant, leaseMs: number): Promise<boolean>
  /** @returns whether it was this owner's: otherwise nothing changes */
  release(grant: LockGrant): Promise<boolean>
}

/** Locks that are held in one scope at the same time, at most: what a store keeps is bounded by it. */
export const MAX_LOCKS_A_SCOPE = 10_000
