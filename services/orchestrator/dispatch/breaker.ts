import { percent } from '#platform/statistics/percent.ts'
import { unitHash } from '#workflow/decide/unit-hash.ts'
import { CallWindow } from './call-window.ts'

/** How a circuit breaker judges. Rates are shares of the calls in its window, 0 to 1. Milliseconds. */
export interface BreakerSettings {
  /** Calls count for so long, */
  windowMs: number
  /** and the last so many. */
  maxCalls: number
  /** Fewer say nothing. */
  minCalls: number
  failureRate: number
  slowRate: number
  /** A call that takes longer is slow; without it none is. */
  slowMs?: number | undefined
  /** How long it stays open the first time; twice as long each time that its canaries fail, */
  openMs: number
  /** up to this. */
  maxOpenMs: number
}

/** 100 calls or a minute, and half of them: what resilience libraries take. Fewer than 50 failures hold nobody up. */
export const DEFAULT_BREAKER: BreakerSettings = {
  windowMs: 60_000,
  maxCalls: 100,
  minCalls: 50,
  failureRate: 0.5,
  slowRate: 0.9,
  openMs: 5000,
  maxOpenMs: 60_000,
}

export type BreakerState = 'closed' | 'open' | 'half-open'

/** `void`: it never ran, or says nothing of the agent (its task was cancelled). */
export type CallEnd = { kind: 'good' | 'bad'; durationMs: number } | { kind: 'void' }

export interface BreakerSnapshot {
  state: BreakerState
  /** Of the calls in the window. */
  calls: number
  failureRate: number
  slowRate: number
  /** When canaries are let through; of an open one. */
  opensAtMs?: number
  /** Calls that the stage of a half-open one lets through. */
  canaries?: number
  /** Why it is not closed, for people. */
  because?: string
}

/** A call that was let through: with it its end is told. `term` changes at each transition, so that ends of before count no more. */
export interface Admitted {
  term: number
}

/** Half open: 1, 2, 4, 8 calls at a time, then it is closed. */
const CANARY_STAGES = [1, 2, 4, 8] as const
/** Canaries that never end are given up, or it would be half open for ever. */
const CANARY_TIMEOUT_MS = 10 * 60_000
/** Open times differ by ± 20 %, so that many breakers do not close at once. */
const JITTER = 0.4

/**
 * Keeps work away from what does not work, and comes back carefully.
 *
 *   closed ──rate of failures or of slow calls──► open ──openMs──► half open: 1 canary ─► 2 ─► 4 ─► 8 ──► closed
 *                                                  ▲                    │ too many of a stage fail
 *                                                  └── twice as long ───┘
 *
 * Time comes in, of one monotonic clock; the jitter is a hash of the seed, so the same history gives the same times.
 */
export class Breaker {
  readonly #settings: BreakerSettings
  readonly #seed: string
  readonly #onTransition: (state: BreakerState, because: string) => void
  readonly #window: CallWindow
  #state: BreakerState = 'closed'
  #term = 0
  #because: string | undefined
  #untilMs = 0
  /** How often it opened since it was last closed. */
  #openings = 0
  #stage = { at: 0, sent: 0, good: 0, bad: 0, sinceMs: 0 }

  constructor(
    settings: BreakerSettings,
    seed: string,
    onTransition: (state: BreakerState, because: string) => void = () => {},
  ) {
    this.#settings = settings
    this.#seed = seed
    this.#onTransition = onTransition
    this.#window = new CallWindow(settings)
  }

  get state(): BreakerState {
    return this.#state
  }

  /** Whether a call may go now. An open one becomes half open by being asked. */
  admits(nowMs: number): boolean {
    if (this.#state === 'closed') return true
    if (this.#state === 'open') {
      if (nowMs < this.#untilMs) return false
      this.#beginStage(0, nowMs)
      this.#turn('half-open', 'its time is up: canaries go first')
    }
    if (nowMs - this.#stage.sinceMs > CANARY_TIMEOUT_MS) this.#beginStage(this.#stage.at, nowMs)
    return this.#stage.sent < CANARY_STAGES[this.#stage.at]!
  }

  /** A call goes. To be called only when it is admitted. */
  begin(): Admitted {
    if (this.#state === 'half-open') this.#stage.sent++
    return { term: this.#term }
  }

  end({ term }: Admitted, end: CallEnd, nowMs: number): void {
    const isCurrent = term === this.#term
    if (this.#state === 'half-open' && isCurrent) this.#endCanary(end, nowMs)
    else if (this.#state === 'closed' && end.kind !== 'void') {
      this.#window.add({ atMs: nowMs, isBad: end.kind === 'bad', isSlow: this.#isSlow(end.durationMs) })
      this.#judge(nowMs)
    }
  }

  /** By hand: closed, and everything before is forgotten. */
  reset(): void {
    this.#close('reset by hand')
  }

  /** The earliest moment at which an open one lets a canary through; undefined when it is not open. */
  get opensAtMs(): number | undefined {
    return this.#state === 'open' ? this.#untilMs : undefined
  }

  snapshot(nowMs: number): BreakerSnapshot {
    const { calls, failureRate, slowRate } = this.#window.rates(nowMs)
    return {
      state: this.#state,
      calls,
      failureRate,
      slowRate,
      ...(this.#state === 'open' && { opensAtMs: this.#untilMs }),
      ...(this.#state === 'half-open' && { canaries: CANARY_STAGES[this.#stage.at]! }),
      ...(this.#because !== undefined && { because: this.#because }),
    }
  }

  #isSlow(durationMs: number): boolean {
    return this.#settings.slowMs !== undefined && durationMs > this.#settings.slowMs
  }

  #judge(nowMs: number): void {
    const { minCalls, failureRate, slowRate } = this.#settings
    const rates = this.#window.rates(nowMs)
    if (rates.calls < minCalls) return
    if (rates.failureRate >= failureRate)
      this.#open(`${percent(rates.failureRate)} of ${rates.calls} failed`, nowMs)
    else if (this.#settings.slowMs !== undefined && rates.slowRate >= slowRate)
      this.#open(
        `${percent(rates.slowRate)} of ${rates.calls} took longer than ${this.#settings.slowMs} ms`,
        nowMs,
      )
  }

  #endCanary(end: CallEnd, nowMs: number): void {
    const stage = this.#stage
    if (end.kind === 'void') {
      stage.sent--
      return
    }
    if (end.kind === 'bad' || this.#isSlow(end.durationMs)) stage.bad++
    else stage.good++
    const size = CANARY_STAGES[stage.at]!
    if (stage.bad / size >= this.#settings.failureRate)
      this.#open(`${stage.bad} of ${size} canaries failed`, nowMs)
    else if (stage.good + stage.bad < size) return
    else if (stage.at + 1 < CANARY_STAGES.length) this.#beginStage(stage.at + 1, nowMs)
    else this.#close('its canaries came back well')
  }

  #beginStage(at: number, nowMs: number): void {
    this.#stage = { at, sent: 0, good: 0, bad: 0, sinceMs: nowMs }
    // Canaries of an earlier stage that were given up count no more.
    this.#term++
  }

  #open(because: string, nowMs: number): void {
    const { openMs, maxOpenMs } = this.#settings
    const raw = Math.min(maxOpenMs, openMs * 2 ** this.#openings)
    const spread = 1 - JITTER / 2 + JITTER * unitHash(`${this.#seed}:${this.#openings}`)
    this.#openings++
    this.#untilMs = nowMs + raw * spread
    this.#turn('open', because)
  }

  #close(because: string): void {
    this.#openings = 0
    this.#window.clear()
    this.#turn('closed', because)
  }

  #turn(state: BreakerState, because: string): void {
    this.#term++
    const isOther = this.#state !== state
    this.#state = state
    this.#because = state === 'closed' ? undefined : because
    if (isOther) this.#onTransition(state, because)
  }
}
