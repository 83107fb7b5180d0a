/** Where the line was at a moment of the wall's clock. Milliseconds. */
export interface LineMark {
  lineMs: number
  wallMs: number
}

/** What a process that was down may have missed at most, however far its clock says it is. Milliseconds. */
const MAX_AWAY_MS = 86_400_000

/**
 * Where the line goes on after a process was away: as far as the clock of the wall has gone on since, a day at most, and never back. A
 * clock that is wrong when a machine starts must not make everything old. Pure.
 */
export function resumedLine(last: LineMark | undefined, wallMs: number): number {
  if (!last) return wallMs
  return last.lineMs + Math.min(MAX_AWAY_MS, Math.max(0, wallMs - last.wallMs))
}

/**
 * Time that recordings are ordered and grow old by: it goes on with the monotonic clock, whatever is done to that of the wall. In
 * quiet times it is the time of the wall.
 */
export class AgeLine {
  readonly #offsetMs: number
  readonly #monotonicMs: () => number

  constructor(startMs: number, monotonicMs: () => number) {
    this.#offsetMs = startMs - monotonicMs()
    this.#monotonicMs = monotonicMs
  }

  nowMs(): number {
    return Math.round(this.#offsetMs + this.#monotonicMs())
  }
}
