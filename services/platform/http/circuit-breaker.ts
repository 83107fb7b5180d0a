import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel'
import type { Clock } from '#platform/clock/clock.ts'

export interface BreakerOptions {
  /** Consecutive failures that open the circuit. */
  failures: number
  /** How long it stays open before one trial is let through. */
  openMs: number
}

export interface HostBreakersOptions extends BreakerOptions {
  /** Hosts that are remembered; the least recently used one goes first. */
  maxHosts: number
}

export type CircuitStateName = 'closed' | 'half-open' | 'open'

/** What an attempt reports: only `countsAgainstHost` is a failure of the host. */
export interface BreakerOutcome {
  kind: string
  countsAgainstHost?: boolean
}

/** Nothing was sent: the host failed repeatedly. */
export interface CircuitOpen {
  kind: 'circuit-open'
  code: 'CIRCUIT_OPEN'
  why: string
  /** When there may be an attempt. At least 1. */
  afterMs: number
}

/** Keeps attempts away from a host that does not work. */
export interface CircuitBreaker {
  /** `half-open` as soon as a trial would be let through. */
  readonly state: CircuitStateName
  /** Attempts at the same time, at most: one while the host is not known to work. */
  readonly maxConcurrency: number
  /** How long nothing may be tried; 0 when something may. */
  openForMs(): number
  /** Makes the attempt, or says when there may be one. What the attempt throws goes through. */
  run<T extends BreakerOutcome>(attempt: () => Promise<T>): Promise<T | CircuitOpen>
}

/** While one trial runs, the others come back after so long instead of waiting for it. */
const TRIAL_MS = 1000

/**
 *   closed ──failures in a row──► open ──openMs──► half open ──success──► closed
 *                                  ▲                   └──failure, or aborted──► open
 */
export function createCircuitBreaker(
  clock: Pick<Clock, 'monotonicMs'>,
  options: BreakerOptions,
  onState: (state: CircuitStateName) => void = () => {},
): CircuitBreaker {
  let openUntilMs = 0
  // Only an abort throws. When it hits the trial, nothing is known about the host: the circuit stays open.
  const isFailure = handleWhen(() => policy.state === CircuitState.HalfOpen).orWhenResult(
    (outcome) => (outcome as BreakerOutcome).countsAgainstHost === true,
  )
  const policy: CircuitBreakerPolicy = circuitBreaker(isFailure, {
    halfOpenAfter: options.openMs,
    breaker: new ConsecutiveBreaker(options.failures),
  })
  policy.onBreak(() => {
    openUntilMs = clock.monotonicMs() + options.openMs
  })
  policy.onReset(() => {
    openUntilMs = 0
  })
  policy.onStateChange((state) => onState(STATE_NAMES[state]))
  const openForMs = () => Math.max(0, openUntilMs - clock.monotonicMs())
  return {
    get state() {
      const name = STATE_NAMES[policy.state]
      return name === 'open' && openForMs() === 0 ? 'half-open' : name
    },
    get maxConcurrency() {
      return policy.state === CircuitState.Closed ? Number.POSITIVE_INFINITY : 1
    },
    openForMs,
    async run(attempt) {
      if (policy.state === CircuitState.HalfOpen) return circuitOpen(TRIAL_MS)
      try {
        return await policy.execute(attempt)
      } catch (error) {
        if (!(error instanceof BrokenCircuitError)) throw error
        return circuitOpen(openForMs())
      }
    },
  }
}

const STATE_NAMES: Record<CircuitState, CircuitStateName> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
}

/** One circuit breaker a host, made when it is first used. Keys are the caller's: an origin, a tenant and an origin. */
export class HostBreakers {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #options: HostBreakersOptions
  readonly #breakers = new Map<string, CircuitBreaker>()
  readonly #onState: (key: string, state: CircuitStateName) => void

  /** @param onState told when the breaker of a key has changed its state */
  constructor(
    clock: Pick<Clock, 'monotonicMs'>,
    options: HostBreakersOptions,
    onState: (key: string, state: CircuitStateName) => void = () => {},
  ) {
    this.#clock = clock
    this.#options = options
    this.#onState = onState
  }

  /** Those that are remembered. */
  *states(): Generator<[key: string, state: CircuitStateName]> {
    for (const [key, breaker] of this.#breakers) yield [key, breaker.state]
  }

  of(key: string): CircuitBreaker {
    const breaker = this.#breakers.get(key) ?? this.#create(key)
    this.#breakers.delete(key)
    this.#breakers.set(key, breaker)
    const [oldest] = this.#breakers.keys()
    if (oldest !== undefined && this.#breakers.size > this.#options.maxHosts) this.#breakers.delete(oldest)
    return breaker
  }

  #create(key: string): CircuitBreaker {
    return createCircuitBreaker(this.#clock, this.#options, (state) => this.#onState(key, state))
  }
}

function circuitOpen(afterMs: number): CircuitOpen {
  return {
    kind: 'circuit-open',
    code: 'CIRCUIT_OPEN',
    why: 'the endpoint failed repeatedly and is given a rest',
    afterMs: Math.max(1, Math.ceil(afterMs)),
  }
}
