import { Latencies, type Percentiles } from '../measure/latencies.ts'

/** `api`: one question and its answer. `task`: from a submission to its end. */
export type Group = 'api' | 'task'

export interface Measured {
  readonly kind: string
  readonly group: Group
  readonly transport: 'rest' | 'grpc'
  /** Stage of the run in which it was due. */
  readonly stage: number
}

/** What came of one kind of request, over one transport, in one stage. */
export interface Series extends Measured {
  readonly answered: number
  /** 429 and RESOURCE_EXHAUSTED. They are no errors. */
  readonly refused: number
  /** Refused because that was what was asked for: an unknown agent, an alert that somebody else took. */
  readonly taken: number
  /** By code. */
  readonly errors: Readonly<Record<string, number>>
  /** Of what was answered; HdrHistogram in base64, microseconds. */
  readonly latencies: string
}

/** What happened within a part of the run. Milliseconds of the run; counts. */
export interface Bucket {
  readonly atMs: number
  readonly users: number
  readonly answered: number
  readonly refused: number
  readonly errors: number
  readonly tasks: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
}

interface Open extends Measured {
  answered: number
  refused: number
  taken: number
  errors: Record<string, number>
  latencies: Latencies
}

/** So many points of a run are kept: what goes on for longer has coarser ones. */
const MAX_BUCKETS = 600
/** Codes are of the catalogue, or of something between: more kinds than this are no kinds. */
const MAX_CODES = 64

/** Counts and measures everything that is asked, by kind, transport and stage, and over time. */
export class Recorder {
  readonly bucketMs: number
  readonly #series = new Map<string, Open>()
  readonly #buckets: Bucket[] = []
  /** Of all API calls, kept beside the series so that a look at it costs nothing. */
  readonly #api = Latencies.empty()
  readonly #counts = { refused: 0, errors: 0 }
  #bucket = emptyBucket()

  /** @param durationMs of the run */
  constructor(durationMs: number) {
    this.bucketMs = Math.max(1000, Math.ceil(durationMs / MAX_BUCKETS / 1000) * 1000)
  }

  /** @param ms from when it was due */
  answered(what: Measured, ms: number): void {
    const series = this.#of(what)
    series.answered++
    series.latencies.record(ms)
    if (what.group === 'task') this.#bucket.tasks++
    else {
      this.#bucket.answered++
      this.#bucket.latencies.record(ms)
      this.#api.record(ms)
    }
  }

  refused(what: Measured): void {
    this.#of(what).refused++
    this.#bucket.refused++
    this.#counts.refused++
  }

  /** Answered as it was to be, if not with what was asked for: its time counts. */
  taken(what: Measured, ms: number): void {
    this.#of(what).taken++
    this.answered(what, ms)
  }

  failed(what: Measured, code: string): void {
    const { errors } = this.#of(what)
    const name = errors[code] === undefined && Object.keys(errors).length >= MAX_CODES ? '(others)' : code
    errors[name] = (errors[name] ?? 0) + 1
    this.#bucket.errors++
    this.#counts.errors++
  }

  /** Ends a part of the run. @returns what happened in it */
  turn(atMs: number, users: number): Bucket {
    const { latencies, ...counts } = this.#bucket
    const { p50Ms, p95Ms, p99Ms } = latencies.percentiles
    const bucket = { atMs, users, ...counts, p50Ms, p95Ms, p99Ms }
    this.#buckets.push(bucket)
    this.#bucket = emptyBucket()
    return bucket
  }

  /** Of all API calls until now. */
  get soFar(): Percentiles & { refused: number; errors: number } {
    return { ...this.#api.percentiles, ...this.#counts }
  }

  get series(): Series[] {
    return [...this.#series.values()].map((open) => ({ ...open, latencies: open.latencies.encoded }))
  }

  get timeline(): readonly Bucket[] {
    return this.#buckets
  }

  #of(what: Measured): Open {
    const key = `${what.group} ${what.kind} ${what.transport} ${what.stage}`
    let series = this.#series.get(key)
    if (!series) {
      const { kind, group, transport, stage } = what
      const counts = { answered: 0, refused: 0, taken: 0, errors: {} }
      series = { kind, group, transport, stage, ...counts, latencies: Latencies.empty() }
      this.#series.set(key, series)
    }
    return series
  }
}

function emptyBucket() {
  return { answered: 0, refused: 0, errors: 0, tasks: 0, latencies: Latencies.empty() }
}
