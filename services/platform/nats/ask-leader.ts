import { TimeoutError } from '@nats-io/transport-node'
import { systemClock } from '#platform/clock/clock.ts'
import { deferred } from '#platform/clock/promises.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { apiErrorOf, isFull, mayPass } from './api-error.ts'
import { ConnectionLost, isWithoutResponder } from './live-connection.ts'

/** A question to a server that died is never answered; a busy one may need longer, and its answer still counts. Milliseconds. */
const AGAIN_AFTER_MS = 500
/** After an answer that there is no leader just now. Milliseconds. */
const LEADERLESS_RETRY_MS = 200
/** Clusters elect within 4 to 9 s. Milliseconds. */
const WAIT_MS = 15_000

export interface AskOptions {
  /** Milliseconds. */
  waitMs?: number
  /** Nobody waits for the answer any more. */
  isOver?: () => boolean
}

/**
 * Asks JetStream what is answered by a leader: of a stream, of a consumer, or of the cluster. While there is none, as after the loss of
 * its server, it is asked again until there is. What is asked has to be harmless when it is done twice; the first answer counts.
 * @throws MurmurError UNAVAILABLE when nobody has answered within `waitMs`, or with `isOver`; everything else that is answered, at once
 */
export function askLeader<T>(ask: () => Promise<T>, options: AskOptions = {}): Promise<T> {
  const { waitMs = WAIT_MS, isOver = () => false } = options
  const answer = deferred<T>()
  const untilMs = systemClock.monotonicMs() + waitMs
  let timer: NodeJS.Timeout
  let isAnswered = false
  let trouble = 'no answer'
  const settle = (how: () => void) => {
    isAnswered = true
    clearTimeout(timer)
    how()
  }
  const again = (afterMs: number) => {
    clearTimeout(timer)
    timer = setTimeout(attempt, afterMs)
  }
  const attempt = () => {
    if (isAnswered) return
    if (isOver() || systemClock.monotonicMs() >= untilMs) {
      settle(() => answer.reject(new MurmurError('UNAVAILABLE', `JetStream does not answer: ${trouble}`)))
      return
    }
    again(AGAIN_AFTER_MS)
    ask().then(
      (value) => settle(() => answer.resolve(value)),
      (error: unknown) => {
        if (isAnswered) return
        if (!mayAnswerLater(error)) {
          settle(() => answer.reject(error))
          return
        }
        trouble = messageOf(error)
        // One that was asked later may still be under way.
        again(LEADERLESS_RETRY_MS)
      },
    )
  }
  attempt()
  return answer.promise
}

/** Nobody was there who could answer: no leader, no server, no connection. */
function mayAnswerLater(error: unknown): boolean {
  const refusal = apiErrorOf(error)
  // What has no room has none in a second either.
  if (refusal) return mayPass(refusal) && !isFull(refusal)
  const isSilent = error instanceof TimeoutError || error instanceof ConnectionLost
  return isSilent || isWithoutResponder(error)
}
