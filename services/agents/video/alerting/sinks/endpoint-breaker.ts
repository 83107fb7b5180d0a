import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
} from 'cockatiel'
import type { Clock } from '#platform/clock/clock.ts'
import type { Verdict } from './judge-answer.ts'

export interface BreakerOptions {
  /** Failures behind each other that open the circuit. */
  failures: number
  /** How long it stays open before one attempt may try. */
  openMs: number
}

/** Keeps attempts away from an endpoint that does not work. */
export interface EndpointBreaker {
  /** Attempts at the same time, at most: one while it is not known to work. */
  readonly room: number
  /** How long nothing may be tried. */
  restMs(): number
  run(attempt: () => Promise<Verdict>): Promise<Verdict>
}

/**
 *   closed ──failures in a row──► open ──openMs──► one attempt ──well──► closed
 *                                  ▲                   └──failure──► open
 */
export function createEndpointBreaker(
  clock: Pick<Clock, 'monotonicMs'>,
  options: BreakerOptions,
): EndpointBreaker {
  let openUntilMs = 0
  const policy = circuitBreaker(
    handleWhenResult((verdict) => (verdict as Verdict).kind === 'again' && (verdict as { ill: boolean }).ill),
    { halfOpenAfter: options.openMs, breaker: new ConsecutiveBreaker(options.failures) },
  )
  const restMs = () => Math.max(0, openUntilMs - clock.monotonicMs())
  policy.onBreak(() => {
    openUntilMs = clock.monotonicMs() + options.openMs
  })
  policy.onReset(() => {
    openUntilMs = 0
  })
  return {
    get room() {
      return policy.state === CircuitState.Closed ? Number.POSITIVE_INFINITY : 1
    },
    restMs,
    async run(attempt) {
      try {
        return await policy.execute(attempt)
      } catch (error) {
        if (!(error instanceof BrokenCircuitError)) throw error
        const why = 'the endpoint failed repeatedly and is given a rest'
        return { kind: 'again', why, ill: false, afterMs: Math.max(1, restMs()) }
      }
    },
  }
}
