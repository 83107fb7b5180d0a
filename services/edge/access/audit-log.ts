import type { Clock } from '#platform/clock/clock.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { AskedChange } from '#platform/nats/requester.ts'
import { type AuditLine, AuditSink, type AuditSinkDeps } from '#platform/telemetry/audit-sink.ts'
import { LineBudget } from '#platform/telemetry/line-budget.ts'
import type { Caller, Entry, SessionEntry } from './access.ts'

/** Whoever is refused costs nothing to send more: of refusals so many lines a second are written, and how many were left out. */
const REFUSALS_PER_S = 50

/** The audit log of an edge: changes through REST and gRPC, whom it refused, and changes of keys over NATS. */
export class AuditLog implements Component {
  readonly name = 'audit log'
  readonly #sink: AuditSink
  readonly #refusals: LineBudget
  #leftOut = 0

  constructor(deps: AuditSinkDeps & { clock: Pick<Clock, 'nowMs' | 'monotonicMs'> }) {
    this.#sink = new AuditSink(deps)
    this.#refusals = new LineBudget(REFUSALS_PER_S, deps.clock)
  }

  /** @throws Error when the file can't be written */
  start(): Promise<void> {
    return this.#sink.start()
  }

  stop(): Promise<void> {
    return this.#sink.stop()
  }

  /** What a caller did. */
  write(
    entry: Entry | SessionEntry,
    { tenant, subject }: Caller,
    outcome: { target?: string; code?: string },
  ): void {
    this.#sink.write({ tenant, subject, ...aboutOf(entry), ...outcome })
  }

  /** Who was not let in, whatever was asked for. @param caller undefined where no credential held */
  refused(entry: Entry | SessionEntry, caller: Caller | undefined, code: string): void {
    if (!this.#refusals.take()) {
      this.#leftOut++
      return
    }
    const leftOut = this.#leftOut > 0 && { leftOut: this.#leftOut }
    this.#leftOut = 0
    const who = { tenant: caller?.tenant, subject: caller?.subject ?? 'unknown' }
    this.#sink.write({ ...who, ...aboutOf(entry), code, ...leftOut })
  }

  /** What nobody asked this edge for, and is to be known: a record that somebody else has written. */
  note(line: AuditLine): void {
    this.#sink.write(line)
  }

  /** What was asked for over NATS and answered by this process. */
  changed(change: AskedChange): void {
    this.#sink.write({ transport: 'nats', ...change })
  }
}

function aboutOf({ operation, transport, address, requestId }: Entry | SessionEntry) {
  return { operation, transport, address, requestId }
}
