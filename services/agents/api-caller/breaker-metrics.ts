import type { CircuitStateName, HostBreakers } from '#platform/http/circuit-breaker.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'

/** Whom users call is up to them: the hosts beyond these are counted together. */
const MAX_HOSTS = 100
const OTHER_HOSTS = '_other'
const GAUGE: Record<CircuitStateName, number> = { closed: 0, 'half-open': 1, open: 2 }

/** The key of a breaker: nobody can open a circuit for other tenants, say by asking for impossible time limits. */
export function breakerKey(tenant: string, origin: string): string {
  return `${tenant} ${origin}`
}

/** Counts what breakers do by host, whatever the tenant and the scheme: of those that have opened once since the start. */
export class BreakerMetrics {
  readonly #metrics: Metrics
  readonly #hosts = new Set<string>()
  #breakers: HostBreakers | undefined

  constructor(metrics: Metrics) {
    this.#metrics = metrics
    metrics.onScrape(() => this.#refresh())
  }

  /** The breakers that are looked at from now on. */
  watch(breakers: HostBreakers): void {
    this.#breakers = breakers
  }

  /** @param key of the breaker that is in this state now */
  count(key: string, state: CircuitStateName): void {
    this.#metrics.counter('murmur_api_breaker_transitions_total').labels(this.#labelOf(key), state).inc()
  }

  /** The worst of each host. One that works again reads 0. */
  #refresh(): void {
    const worst = new Map([...this.#hosts].map((host) => [host, 0]))
    for (const [key, state] of this.#breakers?.states() ?? []) {
      if (state === 'closed') continue
      const host = this.#labelOf(key)
      worst.set(host, Math.max(worst.get(host) ?? 0, GAUGE[state]))
    }
    for (const [host, value] of worst) this.#metrics.gauge('murmur_api_breaker_state').labels(host).set(value)
  }

  #labelOf(key: string): string {
    const { host } = new URL(key.slice(key.indexOf(' ') + 1))
    if (this.#hosts.has(host)) return host
    const label = this.#hosts.size < MAX_HOSTS ? host : OTHER_HOSTS
    this.#hosts.add(label)
    return label
  }
}
