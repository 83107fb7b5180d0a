/** Of one core's time, so much may go into the audit over time. */
const SHARE = 0.015
/** What may be saved up while nothing happens. Milliseconds. */
const BURST_MS = 500
/** Less at a time is not worth it to begin. Milliseconds. */
const SLICE_MS = 10
/** What a message costs that is only read and taken apart, measured; folding comes on top of it. Milliseconds. */
export const READ_MS = 0.02
/** What an event is taken for before any was folded. Milliseconds. */
const USUAL_EVENT_MS = 0.2
const WEIGHT = 0.05

/**
 * How much of the processor's time the audit may take: three two-hundredths of one core, with half a second saved up for what comes at
 * once. It bounds what is read, too: no more messages are asked for than there is time for. Pure but for its memory.
 */
export class AuditPace {
  #availableMs = BURST_MS
  #atMs: number
  #eventMs = USUAL_EVENT_MS

  /** @param nowMs of one monotonic clock, as everywhere here */
  constructor(nowMs: number) {
    this.#atMs = nowMs
  }

  /** Time was taken. @param events that it was taken for; without it for something else */
  spend(tookMs: number, events = 0): void {
    const ms = tookMs + events * READ_MS
    this.#availableMs -= ms
    if (events > 0) this.#eventMs += WEIGHT * (ms / events - this.#eventMs)
  }

  /** Messages that there is time for. */
  room(nowMs: number): number {
    this.#fill(nowMs)
    return Math.max(0, Math.floor(this.#availableMs / Math.max(READ_MS, this.#eventMs)))
  }

  /** How long to wait until there is time for something again. Milliseconds; 0: there is. */
  pauseMs(nowMs: number): number {
    this.#fill(nowMs)
    return this.#availableMs >= SLICE_MS ? 0 : Math.ceil((SLICE_MS - this.#availableMs) / SHARE)
  }

  #fill(nowMs: number): void {
    this.#availableMs = Math.min(BURST_MS, this.#availableMs + SHARE * Math.max(0, nowMs - this.#atMs))
    this.#atMs = nowMs
  }
}
