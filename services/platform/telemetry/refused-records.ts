import type { Clock } from '../clock/clock.ts'
import type { AuditLine } from './audit-sink.ts'
import { LineBudget } from './line-budget.ts'
import type { Log } from './logger.ts'
import type { Metrics } from './metrics.ts'

/** A record of a stream that was not believed, and why. */
export interface RefusedRecord {
  readonly stream: string
  readonly subject: string
  readonly seq: number
  readonly why: string
}

export interface RefusedRecordsDeps {
  log: Pick<Log, 'error'>
  metrics: Pick<Metrics, 'counter'>
  audit: { write(line: AuditLine): void }
  clock: Pick<Clock, 'monotonicMs'>
}

/** Whoever can write there can write much: the logs have some of it, the metric has all. */
const LINES_A_SECOND = 20

/** Records that somebody else than the platform has written: counted, logged, in the audit log, and told to `murmur doctor`. */
export class RefusedRecords {
  readonly #deps: RefusedRecordsDeps
  readonly #lines: LineBudget
  readonly #byStream = new Map<string, number>()

  constructor(deps: RefusedRecordsDeps) {
    this.#deps = deps
    this.#lines = new LineBudget(LINES_A_SECOND, deps.clock)
  }

  /** Once for each record. */
  note(record: RefusedRecord): void {
    const { log, metrics, audit } = this.#deps
    const { stream, subject, seq, why } = record
    this.#byStream.set(stream, (this.#byStream.get(stream) ?? 0) + 1)
    metrics.counter('murmur_records_refused_total').labels(stream).inc()
    if (!this.#lines.take()) return
    log.error(record, 'a record was refused: somebody else than the platform has written it')
    // A stream does not say who has written into it: the log of the NATS server says who was connected.
    audit.write({
      operation: 'storeRecord',
      transport: 'nats',
      subject: 'unknown',
      target: `${stream} ${subject} ${seq}`,
      code: 'FORBIDDEN',
      why,
    })
  }

  /** What a process tells those who discover services. */
  facts(): Record<string, string> {
    if (this.#byStream.size === 0) return {}
    return {
      'refused-records': [...this.#byStream].map(([stream, count]) => `${stream} ${count}`).join(', '),
    }
  }
}
