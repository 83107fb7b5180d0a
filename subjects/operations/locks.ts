import {
  acquireLockRequestExample,
  acquireLockRequestSchema,
  acquireLockResponseSchema,
  heldLockResponseSchema,
  releaseLockRequestSchema,
  renewLockRequestSchema,
} from '#schemas/lock.ts'
import { ORCHESTRATOR } from './micro-services.ts'
import { message, onNats } from './operation.ts'

const MAX_REQUEST_BYTES = 1024
const TOKEN = 1_790_000_000_000_000
const { leaseMs, ...claim } = acquireLockRequestExample
const HELD = message('LockHeld', heldLockResponseSchema, { held: true })

/** Locks of tenants, which agents ask for: they have no credentials of Redis. */
export const LOCK_OPERATIONS = {
  acquireLock: onNats({
    summary: 'An agent wants a lock; on murmur.locks.acquire.<agent>.',
    subject: 'murmur.locks.acquire',
    service: ORCHESTRATOR,
    per: 'agent',
    maxRequestBytes: MAX_REQUEST_BYTES,
    request: message('AcquireLock', acquireLockRequestSchema, acquireLockRequestExample),
    response: message('LockAcquisition', acquireLockResponseSchema, { kind: 'granted', token: TOKEN }),
    errors: ['OVERLOADED'],
  }),
  renewLock: onNats({
    summary: 'An agent still needs a lock that it has; on murmur.locks.renew.<agent>.',
    subject: 'murmur.locks.renew',
    service: ORCHESTRATOR,
    per: 'agent',
    maxRequestBytes: MAX_REQUEST_BYTES,
    request: message('RenewLock', renewLockRequestSchema, { ...claim, leaseMs, token: TOKEN }),
    response: HELD,
  }),
  releaseLock: onNats({
    summary: 'An agent gives a lock back; on murmur.locks.release.<agent>.',
    subject: 'murmur.locks.release',
    service: ORCHESTRATOR,
    per: 'agent',
    maxRequestBytes: MAX_REQUEST_BYTES,
    request: message('ReleaseLock', releaseLockRequestSchema, { ...claim, token: TOKEN }),
    response: HELD,
  }),
} as const
