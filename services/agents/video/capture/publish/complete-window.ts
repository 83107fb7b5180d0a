import type { Clock } from '#platform/clock/clock.ts'
import type { Frame } from '../../frames/frame-message.ts'
import { CAPTURE_LIMITS } from '../limits.ts'
import type { FrameOutlet } from './frame-outlet.ts'

/** A frame that was decoded and has not come back, with its pixels. */
interface Away {
  header: Frame['header']
  planes: Buffer
  /** When it was sent last; undefined: not yet. Of a monotonic clock, milliseconds. */
  sentAtMs?: number
  sends: number
}

/** The frames of a reading that loses none, until they have come back. */
export interface CompleteWindow {
  readonly inFlight: number
  /** Frames that were sent again. */
  readonly repeated: number
  /** Takes a frame in; its pixels are copied. */
  add(frame: Frame): void
  /** Sends what has not been sent, and again what has been away for too long; to be called often. */
  send(): void
  /** This one has come back, and with it those before it: they are used in their order. */
  returned(seq: number): void
}

/**
 * Nothing between here and the tracker promises to keep a frame: the stream forgets what nobody takes, detectors die with what they have
 * in hand, connections break. So a frame is sent until it has come back. How long is waited for it follows from how long others took: a
 * detector that is slow does not get more to do for that. Pure but for the clock and the outlet.
 */
export function createCompleteWindow(
  clock: Pick<Clock, 'monotonicMs'>,
  outlet: Pick<FrameOutlet, 'offer'>,
): CompleteWindow {
  const { first, max } = CAPTURE_LIMITS.resendMs
  /** By number, oldest first. */
  const away = new Map<number, Away>()
  const spare: Buffer[] = []
  let usualMs = 0
  let repeated = 0

  function dueMs({ sends }: Away): number {
    return Math.min(max, Math.max(first, RETURN_TIMES * usualMs) * 2 ** Math.min(sends - 1, 10))
  }

  function copyOf(planes: Uint8Array): Buffer {
    const buffer = spare.pop()
    const copy = buffer?.length === planes.length ? buffer : Buffer.allocUnsafeSlow(planes.length)
    copy.set(planes)
    return copy
  }

  return {
    get inFlight() {
      return away.size
    },
    get repeated() {
      return repeated
    },
    add({ header, planes }) {
      away.set(header.seq, { header, planes: copyOf(planes), sends: 0 })
    },
    send() {
      const nowMs = clock.monotonicMs()
      const oldest = away.keys().next().value
      for (const frame of away.values()) {
        if (frame.sentAtMs !== undefined && nowMs - frame.sentAtMs < dueMs(frame)) continue
        const { header, planes } = frame
        // While the connection is down it is kept; what comes after it would only be in its way.
        if (!outlet.offer({ header: { ...header, ...(oldest !== undefined && { oldest }) }, planes })) return
        if (frame.sends > 0) repeated++
        frame.sends++
        frame.sentAtMs = nowMs
      }
    },
    returned(seq) {
      for (const [earlier, { planes, sends, sentAtMs }] of away) {
        if (earlier > seq) break
        away.delete(earlier)
        if (spare.length < CAPTURE_LIMITS.windowFrames) spare.push(planes)
        // Of one that was sent again nobody knows which of them came back.
        if (earlier === seq && sends === 1 && sentAtMs !== undefined)
          usualMs += (clock.monotonicMs() - sentAtMs - usualMs) / AVERAGED
      }
    },
  }
}

/** A frame counts as lost when it is away for so many times as long as others are. */
const RETURN_TIMES = 4
/** Over so many frames the usual time is averaged. */
const AVERAGED = 8
