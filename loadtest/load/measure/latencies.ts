import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js'

/** What is longer counts as this long: an hour, in microseconds. */
const MAX_US = 3_600_000_000
/** Three significant digits: 500 ms is told from 501. */
const DIGITS = 3

/** Percentiles of one set of measurements. Milliseconds; all 0 where nothing was measured. */
export interface Percentiles {
  readonly count: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
  readonly meanMs: number
}

/**
 * Latencies in a histogram of high dynamic range, from 1 µs to an hour. Percentiles of several sets are read from the histograms
 * added together: an average of percentiles would be none.
 */
export class Latencies {
  readonly #histogram: Histogram

  private constructor(histogram: Histogram) {
    this.#histogram = histogram
  }

  static empty(): Latencies {
    const options = { lowestDiscernibleValue: 1, highestTrackableValue: 2, autoResize: true } as const
    return new Latencies(build({ ...options, numberOfSignificantValueDigits: DIGITS, bitBucketSize: 32 }))
  }

  /** @throws Error for what `encoded` did not make */
  static decoded(text: string): Latencies {
    const merged = Latencies.empty()
    merged.#histogram.add(decodeFromCompressedBase64(text, 32))
    return merged
  }

  static merged(sets: Iterable<Latencies>): Latencies {
    const all = Latencies.empty()
    for (const set of sets) all.add(set)
    return all
  }

  /** @param ms below 0 counts as 0 */
  record(ms: number): void {
    this.#histogram.recordValue(Math.min(MAX_US, Math.max(0, Math.round(ms * 1000))))
  }

  add(other: Latencies): void {
    if (other.count > 0) this.#histogram.add(other.#histogram)
  }

  get count(): number {
    return this.#histogram.totalCount
  }

  /** @param share 0 to 1 @returns milliseconds; 0 where nothing was measured */
  at(share: number): number {
    return this.count === 0 ? 0 : toMs(this.#histogram.getValueAtPercentile(share * 100))
  }

  get percentiles(): Percentiles {
    return {
      count: this.count,
      p50Ms: this.at(0.5),
      p90Ms: this.at(0.9),
      p95Ms: this.at(0.95),
      p99Ms: this.at(0.99),
      p999Ms: this.at(0.999),
      maxMs: this.count === 0 ? 0 : toMs(this.#histogram.maxValue),
      meanMs: this.count === 0 ? 0 : toMs(this.#histogram.mean),
    }
  }

  /** The whole histogram as HdrHistogram's compressed format, in base64: anybody can read every percentile from it. */
  get encoded(): string {
    return encodeIntoCompressedBase64(this.#histogram)
  }
}

/** As many digits as the histogram tells apart. */
function toMs(us: number): number {
  return Number((us / 1000).toPrecision(DIGITS))
}
