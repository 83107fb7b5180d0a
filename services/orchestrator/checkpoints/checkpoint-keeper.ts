import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Streams } from '#platform/nats/streams.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { HorizonRecord } from '#schemas/checkpoint.ts'
import type { TaskState } from '#schemas/task.ts'
import { STREAMS } from '#subjects/streams.ts'
import type { PartitionStore, TaskWrite } from '../partition/partition-store.ts'
import type { CheckpointLog, StoredHorizon } from './checkpoint-log.ts'
import {
  checkpointAge,
  chooseHorizon,
  marginAt,
  neededRounds,
  type Round,
  slackOf,
} from './checkpoint-rules.ts'
import { claimCheckpoints, type LogNow } from './claim-checkpoints.ts'
import type { HorizonMarks } from './horizon-marks.ts'
import type { LogTimes } from './log-times.ts'
import { type ActiveTasks, NotOwned, PartitionCheckpoints } from './partition-checkpoints.ts'

export interface CheckpointKeeperDeps {
  partition: number
  store: PartitionStore
  log: CheckpointLog
  streams: Pick<Streams, 'facts' | 'lastLogSeq' | 'storedAt'>
  times: Pick<LogTimes, 'lastBefore'>
  marks: Pick<HorizonMarks, 'behind'>
  /** Every orchestrator that lives can go on without what lies before a horizon. */
  mayPurge: () => boolean
  /** How full the log is, 0 to 1. @throws Error when nobody answers */
  fill: () => Promise<number>
  /** Up to where the partition is archived durably; undefined: nothing is archived. */
  archivedUpTo?: ((stream: string, partition: number) => Promise<number>) | undefined
  /** The broker's. */
  clock: Clock
  logger: Pick<Log, 'warn'>
  options: CheckpointOptions
  observer?: CheckpointObserver | undefined
}

export interface CheckpointOptions {
  /** Between two rounds. Milliseconds. */
  intervalMs: number
  /** What is younger stays in the log in any case, unless that is nearly full. Milliseconds. */
  marginMs: number
}

export interface CheckpointObserver {
  onCheckpoints(written: number): void
  /** A round was cut short, or left something out. */
  onIncompleteRound(partition: number, why: string): void
}

/** Who owns the partition, and how far it is. */
export interface OwnedPartition {
  claim: string
  /** When the LOG stream was made. */
  stream: string
  offset: number
  /** Up to here everything is out that is not made again from states. */
  sent: () => number
  /** What was claimed already, when the partition was restored. */
  horizon?: StoredHorizon | undefined
}

/** How a partition is restored from checkpoints, and who writes them. */
export interface PartitionCheckpointing {
  log: CheckpointLog
  /** Undefined: none are written. */
  createKeeper?: ((partition: number, owned: OwnedPartition) => CheckpointKeeper) | undefined
  /** What had ended before a horizon is in an archive then, and not in the store. */
  isArchived: () => boolean
  /** The last state of a task that was written; undefined: there is none. */
  checkpointOf: (partition: number, taskId: string) => Promise<TaskState | undefined>
}

interface RoundFacts {
  nowMs: number
  /** Up to where the partition had been folded when the round began, and what follows from it was out. */
  from: number
  sent: number
  lastSeq: number
  streamLastSeq: number
  active: ActiveTasks
  /** In this round. Milliseconds. */
  marginMs: number
}

const { name: LOG } = STREAMS.log
/** The horizon moves no more often: a backup that copies checkpoints before the log has so much time. Milliseconds. */
const MAX_HOLD_MS = 600_000
/** Rounds that wait for the archive: a day of them with the usual interval. Of more, every other one is forgotten. */
const MAX_ROUNDS = 1440

/**
 * Keeps the log of one partition short, beside its owner and off the way of its events: writes states of tasks that have been active for
 * long, and moves the horizon. What it can't do now it does later; until then the log is longer, and nothing else.
 */
export class CheckpointKeeper {
  readonly #deps: CheckpointKeeperDeps
  readonly #owned: OwnedPartition
  readonly #checkpoints: PartitionCheckpoints
  readonly #stopping = new AbortController()
  #rounds: Round[] = []
  #folded: number
  #horizon: StoredHorizon | undefined
  #passedMs: number | undefined
  #done: Promise<void> = Promise.resolve()

  constructor(deps: CheckpointKeeperDeps, owned: OwnedPartition) {
    this.#deps = deps
    this.#owned = owned
    this.#folded = owned.offset
    this.#horizon = owned.horizon
    this.#checkpoints = new PartitionCheckpoints({
      ...{ partition: deps.partition, store: deps.store, log: deps.log, claim: owned.claim },
      ...{ isArchived: deps.archivedUpTo !== undefined, signal: this.#stopping.signal },
    })
  }

  /** Up to when the log is needed no more. Unix ms; undefined: not known yet. */
  get passedMs(): number | undefined {
    return this.#passedMs
  }

  start(): void {
    this.#done = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#done
  }

  /** Events up to `offset` have been folded and committed. All that it costs on their way. */
  onFolded(offset: number, writes: readonly TaskWrite[]): void {
    this.#folded = offset
    if (this.#checkpoints.size > 0) for (const { state } of writes) this.#checkpoints.mark(state.id)
  }

  async #run(): Promise<void> {
    const { clock, partition, observer, options } = this.#deps
    const { signal } = this.#stopping
    // Not all partitions at the same moment.
    let waitMs = (options.intervalMs * (1 + (partition % 16))) / 16
    while (!signal.aborted) {
      await clock.sleep(waitMs, signal)
      waitMs = options.intervalMs
      if (signal.aborted) return
      try {
        const why = await this.round()
        if (why !== undefined) observer?.onIncompleteRound(partition, why)
      } catch (error) {
        if (signal.aborted || error instanceof NotOwned) continue
        observer?.onIncompleteRound(partition, messageOf(error))
      }
    }
  }

  /**
   * One round.
   * @returns why it was not whole; undefined: it was
   * @throws NotOwned when the partition is another's; Error when somebody does not answer
   */
  async round(): Promise<string | undefined> {
    const { clock, observer, streams, partition } = this.#deps
    const checkpoints = this.#checkpoints
    const [facts, marginMs] = await Promise.all([streams.facts(LOG), this.#margin()])
    if (facts.created !== this.#owned.stream) throw new NotOwned('the log is another one')
    const nowMs = clock.nowMs()
    const from = this.#folded
    const sent = Math.min(from, this.#owned.sent())
    await checkpoints.assertOwned(from)
    const horizon = await this.#claimed(facts)
    await checkpoints.refresh(horizon.record.claims, this.#folded)

    const ageMs = checkpointAge(marginMs)
    const active = await checkpoints.listActive(nowMs - ageMs)
    // What is folded by now is marked; what has ended behind this was active in all of the list above.
    const to = this.#folded
    const first = await checkpoints.writeActive(active, from)
    const then = await checkpoints.settleEnded(active, from)
    const written = first.written + then.written
    observer?.onCheckpoints(written)
    let why = first.why ?? then.why
    if (why === undefined) {
      this.#rounds.push({ atMs: nowMs, from, to, ageMs })
      const lastSeq = await streams.lastLogSeq(LOG, partition)
      why = await this.#move({ nowMs, from, sent, lastSeq, streamLastSeq: facts.lastSeq, active, marginMs })
    }
    if (written > 0) await this.#sayOffset(from)
    return why
  }

  /** Without an archive finished tasks come back from the log alone: then it stays as it is, however full the log is. */
  async #margin(): Promise<number> {
    const { archivedUpTo, fill, options } = this.#deps
    return archivedUpTo ? marginAt(await fill(), options.marginMs) : options.marginMs
  }

  /** Who writes checkpoints of this partition is this owner. */
  async #claimed(facts: Omit<LogNow, 'storedAt'>): Promise<StoredHorizon> {
    const { log: checkpoints, partition, logger, streams } = this.#deps
    if (this.#horizon) return this.#horizon
    const log = { ...facts, storedAt: (seq: number) => streams.storedAt(LOG, seq) }
    const { isAnew, ...horizon } = await claimCheckpoints(checkpoints, partition, this.#owned.claim, log)
    if (isAnew) logger.warn({ partition }, 'checkpoints were of another log, and are gone')
    this.#horizon = horizon
    return horizon
  }

  /** Moves the horizon, if it may. @returns why not, when something is wrong */
  async #move(about: RoundFacts): Promise<string | undefined> {
    const { archivedUpTo, partition, streams, times, options, observer, marks, mayPurge } = this.#deps
    const { nowMs, from, sent, lastSeq, streamLastSeq, active, marginMs } = about
    const slackMs = slackOf(options.marginMs)
    const upTo = await archivedUpTo?.(this.#owned.stream, partition)
    const archive = upTo === undefined ? undefined : { upTo, rounds: this.#rounds }
    const choice = chooseHorizon({
      ...{ nowMs, marginMs, slackMs, archive, folded: from, sent, lastSeq, streamLastSeq },
    })
    this.#forgetRounds(upTo, lastSeq)
    if (!choice || !mayPurge()) return undefined
    const untilSeq = await times.lastBefore(choice.untilMs)
    let horizon = Math.min(untilSeq, choice.maxSeq)
    const { record } = this.#horizon!
    if (horizon <= record.horizon) {
      if (untilSeq <= record.horizon) this.#passedMs = choice.untilMs
      return undefined
    }
    if (nowMs - record.movedAtMs < Math.min(MAX_HOLD_MS, marginMs / 2)) return undefined
    horizon = Math.min(horizon, (await marks.behind(partition, horizon)) - 1)
    if (horizon <= record.horizon) return 'the log is full'
    if (upTo === undefined) {
      const untilMs = choice.untilMs + slackMs
      const { why, written } = await this.#checkpoints.coverEnded(active, untilMs, from)
      observer?.onCheckpoints(written)
      if (why !== undefined) return why
    }
    const horizonMs = await streams.storedAt(LOG, horizon)
    // By its time a copy of the log is known as the same log.
    if (horizonMs === undefined) return undefined
    const late = await this.#checkpoints.removeEnded(horizon, from)
    if (late !== undefined) return late
    await this.#write(record, { horizon, horizonMs, nowMs, from })
    this.#passedMs = horizon === untilSeq ? choice.untilMs : this.#horizon!.record.horizonMs
    return undefined
  }

  async #write(
    before: HorizonRecord,
    about: { horizon: number; horizonMs: number; nowMs: number; from: number },
  ): Promise<void> {
    const { horizon, horizonMs, nowMs, from } = about
    const { offset, storedAtMs } = await this.#checkpoints.assertOwned(from)
    await this.#writeHorizon({
      ...{ v: 1, stream: before.stream, claims: [before.claims.at(-1)!] },
      ...{ horizon, horizonMs, reached: Math.min(from, horizon) },
      ...{ before: before.horizon, beforeReached: before.reached, movedAtMs: nowMs },
      ...{ offset, offsetMs: storedAtMs },
    })
  }

  /** Up to where the log is known to be the one that checkpoints were made from. */
  async #sayOffset(from: number): Promise<void> {
    const { offset, storedAtMs } = await this.#checkpoints.assertOwned(from)
    const { record } = this.#horizon!
    if (record.offset < offset) await this.#writeHorizon({ ...record, offset, offsetMs: storedAtMs })
  }

  async #writeHorizon(record: HorizonRecord): Promise<void> {
    const { log, partition } = this.#deps
    const seq = await log.writeHorizon(partition, record, this.#horizon!.seq)
    if (seq === undefined) {
      this.#horizon = undefined
      throw new Error('another owner writes checkpoints of this partition, too')
    }
    this.#horizon = { record, seq }
  }

  /** Without an archive every round looks at all that there is. */
  #forgetRounds(archivedUpTo: number | undefined, lastSeq: number): void {
    if (archivedUpTo === undefined) this.#rounds = []
    else if (archivedUpTo >= lastSeq) this.#rounds = this.#rounds.slice(-1)
    else this.#rounds = neededRounds(this.#rounds, archivedUpTo)
    if (this.#rounds.length > MAX_ROUNDS) this.#rounds = this.#rounds.filter((_, i) => i % 2 === 0)
  }
}
