import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Publishing } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'
import type { RawEvent } from './decode-event.ts'

/** A message of the log that changed nothing, because nobody can say what it is. */
export interface Discarded {
  raw: RawEvent
  fault: string
  /** The type of agent that wrote it, where its subject says so. */
  agent: string | undefined
}

const GIVE_UP_MS = 30_000
const UNKNOWN_AGENT = 'unknown'
/** One that is larger stays in the log alone. */
const MAX_KEPT_BYTES = 256 * 1024

/**
 * Puts messages that were passed over into DEAD for people to inspect: `dead.<agent>`, with the reason and their position in the log as
 * headers. The partition does not wait for it: it has been counted and logged, and lies in the log too.
 */
export function keepDiscarded(deps: { bus: Publishing; log: Log }, discarded: readonly Discarded[]): void {
  for (const { raw, fault, agent = UNKNOWN_AGENT } of discarded) {
    const stored = raw.stored ?? raw.data
    const whole = stored.length <= MAX_KEPT_BYTES
    const data = whole ? stored : JSON.stringify({ reason: fault, bytes: stored.length })
    deps.bus.publisher
      .publish(SUBJECTS.dead(agent), data, {
        msgId: MESSAGE_IDS.discarded(raw),
        headers: {
          // Headers are lines of ASCII.
          'Murmur-Reason': fault.replace(/[^\x20-\x7e]+/g, ' '),
          'Murmur-Subject': raw.subject,
          'Murmur-Log-Seq': String(raw.seq),
        },
        giveUpAfterMs: GIVE_UP_MS,
      })
      .catch((error: unknown) =>
        deps.log.error(
          { seq: raw.seq, reason: messageOf(error) },
          'a discarded message was not kept in DEAD',
        ),
      )
  }
}
