import { z } from 'zod'
import { tenantSchema } from './identifiers.ts'

/** Of its own making, so that names of things fit: `repo:murmur/docs`, `camera.north-gate`. */
export const LOCK_NAME_PATTERN = /^[\w./:@-]{1,128}$/
/** How long a lock is kept for an owner that has fallen silent. Milliseconds. */
export const LOCK_LEASE_MS = { min: 1000, default: 15_000, max: 600_000 } as const

const nameSchema = z.string().regex(LOCK_NAME_PATTERN, {
  error: 'the name of a lock must be 1 to 128 characters of A-Z a-z 0-9 _ . / : @ -',
})
const ownerSchema = z.string().regex(/^[\w-]{1,64}$/)
const leaseMsSchema = z.int().min(LOCK_LEASE_MS.min).max(LOCK_LEASE_MS.max)
const tokenSchema = z.int().min(1)

/** `murmur.locks.acquire.<agent>`: an agent wants a lock of a tenant, for a step of it. The same claim again is the same owner. */
export const acquireLockRequestSchema = z.strictObject({
  tenant: tenantSchema,
  name: nameSchema,
  /** Chosen by chance for each claim. */
  owner: ownerSchema,
  leaseMs: leaseMsSchema,
})
export type AcquireLockRequest = z.infer<typeof acquireLockRequestSchema>
export const acquireLockResponseSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('granted'),
    /** Larger than that of every owner before. */
    token: tokenSchema,
  }),
  z.object({
    kind: z.literal('held'),
    /** When the lease of whoever has it ends, unless it is renewed. Milliseconds. */
    retryAfterMs: z.number().min(0),
  }),
])

/** `murmur.locks.renew.<agent>`: its lease lasts so long from now on. */
export const renewLockRequestSchema = acquireLockRequestSchema.extend({ token: tokenSchema })
/** `murmur.locks.release.<agent>` */
export const releaseLockRequestSchema = renewLockRequestSchema.omit({ leaseMs: true })
/** Whether the lock was this owner's. */
export const heldLockResponseSchema = z.object({ held: z.boolean() })

export const acquireLockRequestExample: AcquireLockRequest = {
  tenant: 'default',
  name: 'repo:murmur/docs',
  owner: '6f1b1a52-6f0e-4f0a-9d5e-2f0c1f3a9b11',
  leaseMs: LOCK_LEASE_MS.default,
}
