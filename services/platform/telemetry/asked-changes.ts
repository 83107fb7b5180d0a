import type { Clock } from '../clock/clock.ts'
import type { AskedChange } from '../nats/requester.ts'
import type { AuditLine } from './audit-sink.ts'
import { LineBudget } from './line-budget.ts'

export interface AskedChangesDeps {
  audit: { write(line: AuditLine): void }
  /** Audit lines have a file of their own: then there is room for all of them. */
  hasFile: boolean
  clock: Pick<Clock, 'monotonicMs'>
}

/** Whoever is refused costs nothing to send more. */
const REFUSALS_A_SECOND = 50
/** Its own audit log has what it passes on, with who asked. The server lets nobody else be this user. */
const EDGE = 'nats:edge'
/** So many that a service's log would be full of them; each stands in the stream LOG. */
const COUNTLESS: ReadonlySet<string> = new Set(['submitTask'])

/**
 * Changes that were asked for over NATS, as audit lines. In the service's log stand those that stand nowhere else: not what an edge passes on,
 * and no submission that was accepted. A file gets all of them.
 */
export class AskedChanges {
  readonly #deps: AskedChangesDeps
  readonly #refusals: LineBudget
  #leftOut = 0

  constructor(deps: AskedChangesDeps) {
    this.#deps = deps
    this.#refusals = new LineBudget(REFUSALS_A_SECOND, deps.clock)
  }

  take(change: AskedChange): void {
    const { audit, hasFile } = this.#deps
    const isRefused = change.code !== 'OK'
    if (!hasFile && (change.subject === EDGE || (!isRefused && COUNTLESS.has(change.operation)))) return
    if (isRefused && !this.#refusals.take()) {
      this.#leftOut++
      return
    }
    const leftOut = isRefused && this.#leftOut > 0 && { leftOut: this.#leftOut }
    if (leftOut) this.#leftOut = 0
    audit.write({ transport: 'nats', ...change, ...leftOut })
  }
}
