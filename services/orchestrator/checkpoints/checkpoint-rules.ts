import { isSameTime } from '#platform/nats/log-place.ts'
import type { HorizonRecord } from '#schemas/checkpoint.ts'
import { knowsHorizons } from '../partition/partition-store.ts'

/*
 * What holds at any moment, and what every writer keeps to:
 *
 *   - of each task that had not ended at the horizon there is a checkpoint with all of its events up to there, or it has ended meanwhile and
 *     nothing is owed of it any more: it is in the archive, or its time is over;
 *   - of no task that had ended at the horizon there is a checkpoint of before its end.
 *
 * So checkpoints first, then what lies behind the horizon in the log, give what all of the log would have given.
 */

/** Of two times that a broker has given, the later may come first by so much: it has had another leader in between. Milliseconds. */
const CLOCK_SLACK_MS = 60_000

/** A round that was whole: every task that was old enough, and active from its beginning to its end, has a checkpoint. */
export interface Round {
  /** When it began, by the broker's clock. Unix ms. */
  readonly atMs: number
  /** Up to here the partition had been folded when it began, and when it had looked at all tasks. Sequence numbers of the log. */
  readonly from: number
  readonly to: number
  /** Tasks that were so old when it began have a checkpoint. Milliseconds. */
  readonly ageMs: number
}

/** The age from which tasks get a checkpoint: well before they would hold up the horizon. Milliseconds. Pure. */
export function checkpointAge(marginMs: number): number {
  return marginMs / 2
}

/** While the log is fuller than the first, the margin gets shorter; at the second it is as short as it gets. */
const [PRESSURE_BEGINS, PRESSURE_IS_HIGH] = [0.4, 0.7]
/** Of the margin, at least so much stays. */
const SHORTEST_MARGIN = 1 / 8

/**
 * The margin in a log that is so full: what is purged earlier is room for new work. Checkpoints are written earlier in the same measure, so
 * what holds of a horizon holds of an early one. Milliseconds. Pure.
 * @param fill of the log, 0 to 1
 */
export function marginAt(fill: number, marginMs: number): number {
  const pressure = (fill - PRESSURE_BEGINS) / (PRESSURE_IS_HIGH - PRESSURE_BEGINS)
  const share = 1 - (1 - SHORTEST_MARGIN) * Math.min(1, Math.max(0, pressure))
  return Math.round(marginMs * share)
}

/** Pure. */
export function slackOf(marginMs: number): number {
  return Math.min(CLOCK_SLACK_MS, marginMs / 10)
}

export interface HorizonFacts {
  /** The broker's time. Unix ms. */
  nowMs: number
  /** How old an event is at least that is not needed any more. Milliseconds. */
  marginMs: number
  /** See `slackOf`. Milliseconds. */
  slackMs: number
  /** Where finished tasks stay; undefined: nothing is archived. */
  archive?: { upTo: number; rounds: readonly Round[] } | undefined
  /** Up to here the partition had been folded when this round began, and all that follows from it was out. */
  folded: number
  sent: number
  /** The last message of the partition: asked for after `streamLastSeq`, which is that of the log. 0: none. */
  lastSeq: number
  streamLastSeq: number
}

/** What a partition has folded, if that is all it has, it has folded up to the end of the log. Pure. */
function reachOf(seq: number, { lastSeq, streamLastSeq }: HorizonFacts): number {
  return seq >= lastSeq ? Math.max(seq, streamLastSeq) : seq
}

/**
 * What of the log may be passed: up to which time (Unix ms), and up to which sequence number at most; undefined: nothing.
 *
 * With an archive, a task that had not ended at the horizon has a checkpoint if it is active now. If it has ended, it is in the archive, or
 * it ended behind what is archived: then it was active in the last round before that, and old enough for a checkpoint in it. Pure.
 */
export function chooseHorizon(facts: HorizonFacts): { untilMs: number; maxSeq: number } | undefined {
  const { nowMs, marginMs, slackMs, archive, folded, sent } = facts
  const maxSeq = Math.min(reachOf(folded, facts), reachOf(sent, facts))
  const untilMs = nowMs - marginMs
  if (!archive) return { untilMs, maxSeq }
  const archived = reachOf(archive.upTo, facts)
  const round = archive.rounds.findLast(({ to }) => to <= archived)
  if (!round) return undefined
  const oldEnoughMs = round.atMs - round.ageMs - slackMs
  return {
    untilMs: Math.min(untilMs, oldEnoughMs),
    maxSeq: Math.min(maxSeq, archived, reachOf(round.from, facts)),
  }
}

/** Rounds that a later choice may need: all behind what is archived, and the last one before. Pure. */
export function neededRounds(rounds: readonly Round[], archivedUpTo: number): Round[] {
  const last = rounds.findLastIndex(({ to }) => to <= archivedUpTo)
  return rounds.slice(Math.max(0, last))
}

/**
 * Whether a checkpoint counts: it was written by who had the partition then, or it followed another one. Who stood still over the first of a
 * task may wake up when the task has long ended; but behind one that was taken away nothing follows, and one that follows says what was true
 * for as long as nothing later is there. Only two of a subject are kept: if they did not count, two that come late would leave none.
 * `seq`, `after`: of the CHECKPOINTS stream. Pure.
 */
export function isOfOwner(
  claims: HorizonRecord['claims'],
  { claim, seq, after = 0 }: { claim: string; seq: number; after?: number | undefined },
): boolean {
  const owner = claims.findLast(({ from }) => from < seq)
  return owner === undefined || owner.claim === claim || after > 0
}

/**
 * A horizon counts in the log that it was written for, by whatever name that goes now: a copy that was restored is the same log, made anew.
 * Pure.
 * @param storedAtMs when the message at the horizon was stored (Unix ms); undefined: it is not there
 */
export function isOfLog(
  record: HorizonRecord,
  log: { created: string; lastSeq: number },
  storedAtMs: number | undefined,
): boolean {
  if (record.horizon > log.lastSeq) return false
  if (record.horizon === 0 || storedAtMs === undefined) return record.stream === log.created
  return isSameTime(storedAtMs, record.horizonMs)
}

/**
 * Whether what is stored of a partition can't go on from its log: it lies behind what was purged, or a restore was cut short, or it was
 * owned by a release that takes the log for whole: what that one made of it is anybody's guess, and checkpoints and the log give it anew.
 * Pure.
 * @param record of this log
 */
export function isBehind(
  position: { offset: number; level: boolean; claim?: string | undefined },
  record: HorizonRecord | undefined,
  log: { firstSeq: number },
): boolean {
  if (!record) return false
  if (!position.level && position.offset < record.reached) return true
  // For so long that the log has gone by age, behind the horizon too: then what is stored is all that there is.
  if (!knowsHorizons(position.claim)) return record.horizon >= log.firstSeq - 1
  return position.offset < record.beforeReached && position.offset < log.firstSeq - 1
}

/** Up to which sequence number the log may be purged: what no partition needs. 0: nothing. Pure. */
export function purgeBound(
  records: readonly (HorizonRecord | undefined)[],
  log: { created: string; lastSeq: number },
): number {
  let bound = Number.POSITIVE_INFINITY
  for (const record of records) bound = Math.min(bound, isOf(record, log) ? record.before : 0)
  return Number.isFinite(bound) ? bound : 0
}

/** Its owner has seen the log under the name that it has now. */
function isOf(
  record: HorizonRecord | undefined,
  log: { created: string; lastSeq: number },
): record is HorizonRecord {
  return record !== undefined && record.stream === log.created && record.horizon <= log.lastSeq
}
