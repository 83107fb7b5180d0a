import { OBJECT_PIECE_BYTES } from '#schemas/step-object.ts'
import type { ObjectLedger } from './ledger/object-ledger.ts'
import { STALE_MS } from './object-api.ts'
import type { ObjectLimits } from './object-limits.ts'
import { quotaError } from './object-usage.ts'
import type { ObjectAccess } from './step-access.ts'

export interface StepObjectCountingDeps {
  ledger: Pick<ObjectLedger, 'reserve' | 'record'>
  limits: ObjectLimits
  keepFinishedMs: number
  /** The broker's time, Unix ms. */
  nowMs: () => number
}

/** Uploads whose room is known here: some 100 bytes each. */
const MAX_KNOWN = 4096

/**
 * Counts what steps store, for their tenant. They may have more than uploads: what was accepted is to end. Room is set aside before the
 * bytes are stored, for twice as many pieces each time, so that most pieces ask nobody.
 */
export class StepObjectCounting {
  readonly #deps: StepObjectCountingDeps
  /** Bytes that are set aside, by upload. */
  readonly #known = new Map<string, number>()

  constructor(deps: StepObjectCountingDeps) {
    this.#deps = deps
  }

  /** @param piece.id where its pieces lie @param piece.upload what the key will end with @throws MurmurError QUOTA_EXCEEDED, UNAVAILABLE */
  async reserve(
    { tenant, folder }: ObjectAccess,
    { id, upload, index, bytes }: { id: string; upload: string; index: number; bytes: number },
  ): Promise<void> {
    const { ledger, limits, nowMs } = this.#deps
    const needed = index * OBJECT_PIECE_BYTES + bytes
    if ((this.#known.get(id) ?? -1) >= needed) return
    const wanted = index === 0 ? bytes : 2 ** Math.ceil(Math.log2(index + 1)) * OBJECT_PIECE_BYTES
    const limitBytes = limits.forResults(tenant)
    const about = { upload: id, tenant, key: `${folder}/${upload}`, limitBytes, isNew: false }
    const reserve = (size: number) => ledger.reserve({ ...about, bytes: size, staleAtMs: nowMs() + STALE_MS })
    let aside = wanted
    let { outcome, usedBytes } = await reserve(aside)
    // The last pieces may fit where twice as many don't.
    if (outcome === 'full' && needed < wanted) {
      aside = needed
      ;({ outcome, usedBytes } = await reserve(aside))
    }
    if (outcome === 'full') throw quotaError(usedBytes, limitBytes, 'what its steps make has no room')
    this.#known.delete(id)
    this.#known.set(id, aside)
    if (this.#known.size > MAX_KNOWN) this.#known.delete(this.#known.keys().next().value!)
  }

  /** It is stored. @throws MurmurError UNAVAILABLE */
  async record(
    { tenant }: ObjectAccess,
    { id, key, size }: { id: string; key: string; size: number },
  ): Promise<void> {
    const { ledger, keepFinishedMs, nowMs } = this.#deps
    await ledger.record({ key, tenant, size }, nowMs() + keepFinishedMs, { upload: id })
    this.#known.delete(id)
  }
}
