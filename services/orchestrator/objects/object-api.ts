import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Serving } from '#platform/nats/bus.ts'
import { keyMissing } from '#platform/secrets/payload-codec.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { DeletedObject } from '#schemas/object-usage.ts'
import type { RequestOf, ResponseInput } from '#subjects/operations.ts'
import { uploadFolder } from '#subjects/streams.ts'
import type { AdmissionControl } from '../intake/admission-control.ts'
import type { CameraQuota } from '../intake/camera-quota.ts'
import type { ObjectOwners } from '../intake/object-owners.ts'
import { type ObjectLedger, type Target, targetOf } from './ledger/object-ledger.ts'
import type { ObjectCount } from './object-count.ts'
import { ifNotFound } from './object-keeping.ts'
import { type ObjectLimits, sizeText } from './object-limits.ts'
import { KEEPER_GRACE_MS } from './object-sweep.ts'
import { quotaError } from './object-usage.ts'
import type { TaskLifetimes } from './task-lifetimes.ts'

export interface ObjectApiDeps {
  bus: Serving
  ledger: ObjectLedger
  count: Pick<ObjectCount, 'ensure'>
  blobs: Pick<BlobStore, 'find' | 'remove' | 'seals'>
  limits: ObjectLimits
  admission: Pick<AdmissionControl, 'usage'>
  cameras: Pick<CameraQuota, 'usage'>
  owners: Pick<ObjectOwners, 'assertKeys'>
  tasks: Pick<TaskLifetimes, 'ended'>
  uploadTtlMs: number
  metrics: Metrics
  /** The broker's. */
  clock: Pick<Clock, 'nowMs'>
}

/** An upload that has not been heard of for so long is none any more: it says each minute that it goes on. */
export const STALE_MS = 600_000
const KEEPERS_AT_ONCE = 500

/** Uploads are counted here, objects deleted, and it is said what a tenant uses. */
export class ObjectApi implements Component {
  readonly name = 'objects of tenants'
  readonly #deps: ObjectApiDeps
  #ends: (() => void)[] = []

  constructor(deps: ObjectApiDeps) {
    this.#deps = deps
  }

  start(): void {
    const { bus } = this.#deps
    this.#ends = [
      bus.serve('reserveUpload', (request) => this.#reserve(request)),
      bus.serve('keepUpload', (request) => this.#keep(request)),
      bus.serve('releaseUpload', (request) => this.#release(request)),
      bus.serve('deleteObject', ({ key }, { tenant }) => this.#delete(tenant, key)),
      bus.serve('getUsage', (_request, { tenant }) => this.#usage(tenant)),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }

  async #reserve({ tenant, upload, bytes, sealed }: RequestOf<'reserveUpload'>): Promise<{ ok: true }> {
    const { ledger, limits, count, blobs, clock, metrics } = this.#deps
    // Before any of its bytes is stored.
    assertSealed({ isSealed: sealed === true, isNeeded: blobs.seals, tenant })
    const limitBytes = limits.of(tenant)
    const key = keyOf(tenant, upload)
    const about = { upload, tenant, key, bytes, limitBytes, isNew: true }
    const reserve = () => ledger.reserve({ ...about, staleAtMs: clock.nowMs() + STALE_MS })
    let { outcome, usedBytes } = await reserve()
    if (outcome === 'uncounted') {
      await count.ensure('counted')
      ;({ outcome, usedBytes } = await reserve())
    }
    if (outcome === 'reserved') return { ok: true }
    if (outcome === 'uncounted')
      throw new MurmurError('UNAVAILABLE', 'what there is in the object store is being counted', {
        retryAfterMs: 1000,
      })
    metrics.counter('murmur_uploads_refused_total').labels().inc()
    throw quotaError(usedBytes, limitBytes, `an upload of ${sizeText(bytes)} has no room`)
  }

  async #keep({ tenant, upload, size }: RequestOf<'keepUpload'>): Promise<{ expiresAtMs: number }> {
    const { ledger, blobs, uploadTtlMs, clock } = this.#deps
    const key = keyOf(tenant, upload)
    if (blobs.seals) await this.#assertStoredSealed(tenant, key)
    const dueMs = clock.nowMs() + uploadTtlMs
    const expiresAtMs = await ledger.record({ key, tenant, size }, dueMs, { upload, isReserved: true })
    if (expiresAtMs !== undefined) return { expiresAtMs }
    throw new MurmurError(
      'UNAVAILABLE',
      'the room for this upload was given back meanwhile, or the store was counted anew: send it again',
    )
  }

  /** Whoever may store uploads may say what is not so: it is looked at, and taken away. @throws MurmurError PAYLOAD_KEY_MISSING, BLOB_NOT_FOUND */
  async #assertStoredSealed(tenant: string, key: string): Promise<void> {
    const { blobs } = this.#deps
    const { sealedFor } = await blobs.find(key)
    if (sealedFor === tenant) return
    await blobs.remove({ blob: key })
    assertSealed({ isSealed: false, isNeeded: true, tenant })
  }

  /** Where it was noted all the same and whoever sent it was not told, it is no object either. */
  async #release({ tenant, upload }: RequestOf<'releaseUpload'>): Promise<{ ok: true }> {
    const { ledger } = this.#deps
    const key = keyOf(tenant, upload)
    await ledger.release(upload)
    if (await ledger.find(key)) await this.#takeAway(targetOf(key), key)
    return { ok: true }
  }

  async #delete(tenant: string, key: string): Promise<DeletedObject> {
    const { owners, ledger, count, blobs, clock, metrics } = this.#deps
    await owners.assertKeys(tenant, [key])
    await count.ensure('complete')
    const target = targetOf(key)
    await this.#assertUnused(target, key)
    if (!(await ledger.find(key))) {
      if (await ledger.isGoing(key)) return { key, deleted: false }
      const meta = await blobs.find(key).catch(ifNotFound)
      if (!meta) return { key, deleted: false }
      await ledger.record({ key, tenant, size: meta.size }, clock.nowMs())
    }
    const deleted = await this.#takeAway(target, key)
    if (deleted === undefined) throw inUse(key)
    if (deleted) metrics.counter('murmur_objects_collected_total').labels('deleted').inc()
    return { key, deleted }
  }

  /** Tasks that have ended keep it no longer, when its tenant says so. @throws MurmurError OBJECT_IN_USE */
  async #assertUnused(target: Target, key: string): Promise<void> {
    const { ledger, tasks, clock } = this.#deps
    if (target.startsWith('t:')) {
      const [owner] = (await tasks.ended([target.slice(2)])).active
      if (owner !== undefined) throw inUse(key, owner)
    }
    const dropped: string[] = []
    for (;;) {
      const keepers = await ledger.keepers(target, dropped.length + KEEPERS_AT_ONCE)
      const more = keepers.slice(dropped.length)
      const { ended, active } = await tasks.ended(more.map(([id]) => id))
      const [user] = active
      if (user !== undefined) throw inUse(key, user)
      // In no store yet: it may be about to be accepted.
      const isNew = ([id, sinceMs]: [string, number]) =>
        !ended.has(id) && sinceMs > clock.nowMs() - KEEPER_GRACE_MS
      if (more.some(isNew)) throw inUse(key)
      dropped.push(...more.map(([id]) => id))
      if (more.length < KEEPERS_AT_ONCE) break
    }
    await ledger.dropKeepers(target, dropped)
  }

  /** @returns whether there was one; undefined: a task keeps it */
  async #takeAway(target: Target, key: string): Promise<boolean | undefined> {
    const { ledger, blobs, clock } = this.#deps
    const claimed = await ledger.claim(target, { nowMs: clock.nowMs(), count: 1, one: key })
    if (claimed === undefined) return undefined
    await blobs.remove({ blob: key })
    await ledger.settle(claimed)
    return claimed.length > 0
  }

  async #usage(tenant: string): Promise<ResponseInput<'getUsage'>> {
    const { ledger, limits, admission, cameras, uploadTtlMs } = this.#deps
    const objectBytes = { used: await ledger.usedBy(tenant), limit: limits.of(tenant) }
    return { usage: { ...admission.usage(tenant), cameras: cameras.usage(tenant), objectBytes, uploadTtlMs } }
  }
}

/** @throws MurmurError PAYLOAD_KEY_MISSING with what to do */
function assertSealed(about: { isSealed: boolean; isNeeded: boolean; tenant: string }): void {
  const { isSealed, isNeeded, tenant } = about
  if (isSealed === isNeeded) return
  throw keyMissing(
    isNeeded
      ? `payloads are encrypted here, and this upload of tenant "${tenant}" would not be: set MURMUR_PAYLOAD_KEYS for whoever sends it, or send it through an edge (MURMUR_EDGE_URL)`
      : 'this upload is encrypted, and orchestrators have no keys of payloads: set MURMUR_PAYLOAD_KEYS for them, or for nobody',
  )
}

function keyOf(tenant: string, upload: string): string {
  return `${uploadFolder(tenant)}/${upload}`
}

function inUse(key: string, taskId?: string): MurmurError {
  const by =
    taskId === undefined ? 'a task that was accepted just now' : `task ${taskId}, which has not ended`
  return new MurmurError('OBJECT_IN_USE', `object "${key}" is needed by ${by}`, {
    ...(taskId !== undefined && { taskId }),
  })
}
