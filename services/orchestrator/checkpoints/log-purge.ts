import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Streams } from '#platform/nats/streams.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { STREAMS } from '#subjects/streams.ts'
import { Poller } from '../intake/poller.ts'
import { fixedPartitions, type LivePartitions } from '../partition-epochs/live-partitions.ts'
import type { CheckpointLog } from './checkpoint-log.ts'
import { purgeBound } from './checkpoint-rules.ts'

export interface LogPurgeDeps {
  streams: Pick<Streams, 'facts' | 'purgeUpTo'>
  checkpoints: Pick<CheckpointLog, 'horizons'>
  partitions: number
  /** Undefined: those that the log was made with. */
  live?: Pick<LivePartitions, 'all'> | undefined
  /** Whether this orchestrator is the one that purges. Two at the same time do no harm: what they go by is true of the log. */
  isPurger: () => boolean
  clock: Clock
  log: Pick<Log, 'warn' | 'debug'>
  intervalMs: number
  onPurged: (messages: number) => void
}

const { name: LOG } = STREAMS.log

/** Purges what of the log no partition needs: all of it at once, so that the server drops whole blocks. */
export class LogPurge extends Poller {
  readonly name = 'purge of the log'
  readonly #deps: LogPurgeDeps

  constructor(deps: LogPurgeDeps) {
    super(deps.clock, deps.intervalMs)
    this.#deps = deps
  }

  protected async poll(): Promise<void> {
    const { isPurger, log, onPurged } = this.#deps
    if (!isPurger()) return
    try {
      const purged = await this.purge()
      if (purged > 0) onPurged(purged)
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'the log could not be purged')
    }
  }

  /** @returns how many messages have gone @throws Error when nobody answers */
  async purge(): Promise<number> {
    const { streams, checkpoints, partitions, live = fixedPartitions(partitions) } = this.#deps
    const horizons = await Promise.all(live.all().map((partition) => checkpoints.horizons(partition)))
    // Behind that: records of another log must not be held against this one.
    const facts = await streams.facts(LOG)
    const bound = purgeBound(
      horizons.map(({ stored }) => stored?.record),
      facts,
    )
    return bound < facts.firstSeq ? 0 : streams.purgeUpTo(LOG, bound)
  }
}
