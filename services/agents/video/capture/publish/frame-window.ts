import type { Clock } from '#platform/clock/clock.ts'
import { CAPTURE_LIMITS } from '../limits.ts'

/** The frames that were sent and have not come back. */
export interface FrameWindow {
  readonly inFlight: number
  /** Frames that never came back in time. */
  readonly lost: number
  sent(seq: number): void
  /** This one has come back; earlier ones no longer count. */
  returned(seq: number): void
  /** Gives up those that have been away for too long. */
  expire(): void
}

/** Pure bookkeeping: whoever owns it decides what a full window means. */
export function createFrameWindow(
  clock: Pick<Clock, 'monotonicMs'>,
  expiryMs: number = CAPTURE_LIMITS.windowExpiryMs,
): FrameWindow {
  /** Sequence numbers with the time they were sent, oldest first. */
  const away = new Map<number, number>()
  let lost = 0
  return {
    get inFlight() {
      return away.size
    },
    get lost() {
      return lost
    },
    sent: (seq) => void away.set(seq, clock.monotonicMs()),
    returned(seq) {
      for (const earlier of away.keys()) {
        if (earlier > seq) break
        away.delete(earlier)
      }
    },
    expire() {
      const before = clock.monotonicMs() - expiryMs
      for (const [seq, sentAtMs] of away) {
        if (sentAtMs > before) break
        away.delete(seq)
        lost++
      }
    },
  }
}
