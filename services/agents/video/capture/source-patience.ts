import type { MurmurError } from '#platform/errors/murmur-error.ts'
import { CAPTURE_LIMITS } from './limits.ts'

/** What can't be mended by trying again, not even for a camera. */
const PERMANENT: ReadonlySet<string> = new Set([
  'LIMIT_EXCEEDED',
  'ADDRESS_FORBIDDEN',
  'INVALID_STEP_INPUT',
  'PAYLOAD_TOO_LARGE',
])
/** What a camera may say while it starts, and what it goes on saying when the request is wrong. */
const DOUBTFUL: ReadonlySet<string> = new Set(['UNSUPPORTED_FORMAT', 'CREDENTIALS_REFUSED'])
/** So often a doubtful answer has come at least, before it is believed. */
const DOUBTFUL_ANSWERS = 3

export interface PatienceOptions {
  /** A recording, as far as the request says: it is there, or the request is wrong. */
  isRecording: boolean
  /** As in `CAPTURE_LIMITS`. Milliseconds. */
  firstConnectMs: number
}

/** What becomes of a source that can't be opened: it is waited for so long, or it is given up. */
export type PatienceVerdict = { kind: 'wait'; ms: number } | { kind: 'give-up'; isTimeUp: boolean }

/** How long is waited for a source that can't be opened. */
export interface SourcePatience {
  /** Takes in why it could not be opened. `nowMs`: of a monotonic clock. */
  failed(error: MurmurError, nowMs: number): PatienceVerdict
  /** It is there: from now on it is a source that was there. */
  opened(): void
}

/**
 * A camera that does not answer is waited for without an end: it may be without power, or still starting. Given up is what trying again
 * can't mend, and what keeps refusing the user or giving no video before it has ever been there. Pure but for what it counts.
 * @param random from 0 to 1, for each wait
 */
export function createSourcePatience(
  { isRecording, firstConnectMs }: PatienceOptions,
  random: () => number = Math.random,
): SourcePatience {
  let isKnown = false
  let failures = 0
  let firstMs: number | undefined
  let same: { code: string; sinceMs: number; count: number } | undefined

  function giveUp(error: MurmurError, nowMs: number, waitMs: number): PatienceVerdict | undefined {
    if (isKnown) return undefined
    const isDoubtful = DOUBTFUL.has(error.code)
    if (PERMANENT.has(error.code) || (isRecording && isDoubtful)) return { kind: 'give-up', isTimeUp: false }
    const doubtMs = nowMs - same!.sinceMs
    if (isDoubtful && same!.count >= DOUBTFUL_ANSWERS && doubtMs + waitMs >= firstConnectMs)
      return { kind: 'give-up', isTimeUp: false }
    if (isRecording && nowMs - firstMs! + waitMs >= firstConnectMs) return { kind: 'give-up', isTimeUp: true }
    return undefined
  }

  return {
    failed(error, nowMs) {
      firstMs ??= nowMs
      same =
        same?.code === error.code
          ? { ...same, count: same.count + 1 }
          : { code: error.code, sinceMs: nowMs, count: 1 }
      const waitMs = pauseMs(error, failures, isKnown ? 'later' : 'first', firstConnectMs, random())
      failures++
      return giveUp(error, nowMs, waitMs) ?? { kind: 'wait', ms: waitMs }
    },
    opened() {
      isKnown = true
      failures = 0
      same = undefined
    },
  }
}

function pauseMs(
  { code }: MurmurError,
  failures: number,
  when: 'first' | 'later',
  firstConnectMs: number,
  random: number,
): number {
  if (code !== 'CREDENTIALS_REFUSED') return backoffMs(failures, random)
  const { refusedMs } = CAPTURE_LIMITS
  return when === 'later' ? refusedMs.later : Math.min(refusedMs.first, firstConnectMs / DOUBTFUL_ANSWERS)
}

/**
 * Milliseconds until the next attempt: doubled each time up to a limit, with a random part, so that many cameras of one
 * switch don't come back at once.
 */
export function backoffMs(failures: number, random: number = Math.random()): number {
  const { first, max } = CAPTURE_LIMITS.backoffMs
  const full = Math.min(max, first * 2 ** Math.min(failures, 20))
  return full * (0.5 + random / 2)
}
