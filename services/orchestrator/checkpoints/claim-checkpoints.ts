import type { HorizonRecord } from '#schemas/checkpoint.ts'
import type { CheckpointLog, StoredHorizon } from './checkpoint-log.ts'
import { isOfLog } from './checkpoint-rules.ts'

/** Owners that ended before they had looked at all checkpoints: more are not remembered. */
const MAX_CLAIMS = 64

/** The first record of a partition in a log. Pure. */
export function firstHorizon(claim: string, stream: string): HorizonRecord {
  return {
    ...{ v: 1, claims: [{ claim, from: 0 }], stream },
    ...{ horizon: 0, horizonMs: 0, reached: 0, before: 0, beforeReached: 0 },
    ...{ movedAtMs: 0, offset: 0, offsetMs: 0 },
  }
}

/** With its own place where it says that it begins with itself. Pure. */
export function resolved({ record, seq }: StoredHorizon): HorizonRecord {
  return {
    ...record,
    claims: record.claims.map(({ claim, from }) => ({ claim, from: from === 0 ? seq : from })),
  }
}

/** The log that there is now. */
export interface LogNow {
  created: string
  firstSeq: number
  lastSeq: number
  /** When the broker stored a message. Unix ms; undefined: it is not there. */
  storedAt: (seq: number) => Promise<number | undefined>
}

/** What a partition has of a horizon in this log; undefined: all of the log is needed. @throws Error when nobody answers */
export async function horizonIn(
  log: LogNow,
  stored: StoredHorizon | undefined,
): Promise<StoredHorizon | undefined> {
  if (!stored) return undefined
  const { horizon } = stored.record
  const isThere = horizon >= log.firstSeq && horizon <= log.lastSeq
  const storedAtMs = isThere ? await log.storedAt(horizon) : undefined
  if (!isOfLog(stored.record, log, storedAtMs)) return undefined
  return { record: resolved(stored), seq: stored.seq }
}

/**
 * Says who writes checkpoints of a partition from here on: what anybody else writes counts for nothing. Checkpoints of another log are taken
 * away.
 * @returns the record, and whether those that there were are gone
 * @throws Error when somebody else claims them, too, or nobody answers
 */
export async function claimCheckpoints(
  checkpoints: Pick<CheckpointLog, 'horizons' | 'writeHorizon' | 'removeAll'>,
  partition: number,
  claim: string,
  log: LogNow,
): Promise<StoredHorizon & { isAnew: boolean }> {
  const { stored, lastSeq } = await checkpoints.horizons(partition)
  const before = await horizonIn(log, stored)
  if (stored && !before) await checkpoints.removeAll(partition)
  const record = before
    ? {
        ...before.record,
        stream: log.created,
        claims: [...before.record.claims.slice(1 - MAX_CLAIMS), { claim, from: 0 }],
      }
    : firstHorizon(claim, log.created)
  const seq = await checkpoints.writeHorizon(partition, record, lastSeq)
  if (seq === undefined) throw new Error('another owner writes checkpoints of this partition, too')
  return { record: resolved({ record, seq }), seq, isAnew: stored !== undefined && !before }
}
