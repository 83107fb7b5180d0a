import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel'
import type { Clock } from '#platform/clock/clock.ts'
import type { Verdict } from './verdict.ts'

export interface BreakerOptions {
  /** Failures behind each other that open a circuit. */
  failures: number
  /** How long it stays open before one call may try. */
  openMs: number
  /** Endpoints that are remembered; the one used longest ago goes first. */
  maxEndpoints: number
}

export const BREAKER_DEFAULTS: BreakerOptions = { failures: 5, openMs: 10_000, maxEndpoints: 1000 }
/** While one call tries, the others come back after so long instead of waiting in a slot. */
const TRIAL_MS = 1000

interface Endpoint {
  policy: CircuitBreakerPolicy
  openUntilMs: number
}

/**
 * One circuit breaker an endpoint:
 *
 *   closed ──failures in a row──► open ──openMs──► half open ──success──► closed
 *                                  ▲                   └──failure, or broken off──► open
 */
export class EndpointBreakers {
  readonly #clock: Clock
  readonly #options: BreakerOptions
  readonly #endpoints = new Map<string, Endpoint>()

  constructor(clock: Clock, options: BreakerOptions = BREAKER_DEFAULTS) {
    this.#clock = clock
    this.#options = options
  }

  /** Makes the attempt, or says when there may be one. What the attempt throws goes through. */
  async run(key: string, attempt: () => Promise<Verdict>): Promise<Verdict> {
    const endpoint = this.#endpoint(key)
    if (endpoint.policy.state === CircuitState.HalfOpen) return this.#refuse(TRIAL_MS)
    try {
      return await endpoint.policy.execute(attempt)
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error
      return this.#refuse(endpoint.openUntilMs - this.#clock.monotonicMs())
    }
  }

  #refuse(afterMs: number): Verdict {
    const why = 'the endpoint failed repeatedly and is given a rest'
    return { kind: 'later', code: 'CIRCUIT_OPEN', why, afterMs: Math.max(1, Math.ceil(afterMs)) }
  }

  #endpoint(key: string): Endpoint {
    const endpoint = this.#endpoints.get(key) ?? this.#create()
    this.#endpoints.delete(key)
    this.#endpoints.set(key, endpoint)
    const [oldest] = this.#endpoints.keys()
    if (oldest !== undefined && this.#endpoints.size > this.#options.maxEndpoints)
      this.#endpoints.delete(oldest)
    return endpoint
  }

  #create(): Endpoint {
    const { failures, openMs } = this.#options
    // Only an abort throws. When it hits the one call that tries, nothing is known: the circuit stays open.
    const failing = handleWhen(() => endpoint.policy.state === CircuitState.HalfOpen).orWhenResult(
      (verdict) => isIll(verdict as Verdict),
    )
    const policy = circuitBreaker(failing, {
      halfOpenAfter: openMs,
      breaker: new ConsecutiveBreaker(failures),
    })
    const endpoint: Endpoint = { policy, openUntilMs: 0 }
    policy.onBreak(() => {
      endpoint.openUntilMs = this.#clock.monotonicMs() + openMs
    })
    return endpoint
  }
}

function isIll(verdict: Verdict): boolean {
  return verdict.kind === 'again' && verdict.endpointIll
}
