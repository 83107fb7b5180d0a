import { identityIn, isSampled } from './traceparent.ts'

/** Series of one metric, at most. Label values can come from users; memory must not grow with their imagination. */
const MAX_SERIES = 500
/** What everything beyond is counted under. */
const OVERFLOW_LABEL = '_other'

/** A counter that is a plain number until somebody asks. */
export class CounterSeries {
  value = 0

  /** @param by at least 0 */
  inc(by = 1): void {
    this.value += by
  }
}

export class GaugeSeries {
  value = 0

  set(value: number): void {
    this.value = value
  }

  inc(by = 1): void {
    this.value += by
  }

  dec(by = 1): void {
    this.value -= by
  }
}

/** A measurement that a trace can be seen of. */
export interface Exemplar {
  traceId: string
  spanId: string
  value: number
  /** Unix milliseconds. */
  atMs: number
}

export class HistogramSeries {
  sum = 0
  count = 0
  /** Observations up to each bound and above the one before; the last entry is what is above all bounds. */
  readonly counts: Float64Array
  /** The latest of each bucket that came with a trace that is recorded. */
  exemplars: (Exemplar | undefined)[] | undefined
  readonly #bounds: Float64Array

  constructor(bounds: readonly number[]) {
    this.#bounds = Float64Array.from(bounds)
    this.counts = new Float64Array(bounds.length + 1)
  }

  /**
   * Durations measured across machines can come out negative, by the skew of their clocks: they count as 0.
   * @param traceparent a valid one of what was measured: when it is sampled, the measurement is kept as the exemplar of its bucket
   * @param atMs when that was, Unix milliseconds; without it there is no exemplar
   */
  observe(measured: number, traceparent?: string, atMs?: number): void {
    // It would poison the sum for good.
    if (Number.isNaN(measured)) return
    const value = Math.max(0, measured)
    const bounds = this.#bounds
    let index = 0
    while (index < bounds.length && value > bounds[index]!) index++
    this.counts[index]!++
    this.sum += value
    this.count++
    if (traceparent === undefined || atMs === undefined || !isSampled(traceparent)) return
    const { traceId, spanId } = identityIn(traceparent)
    this.exemplars ??= []
    this.exemplars[index] = { traceId, spanId, value, atMs }
  }
}

/** The series of one metric by the values of its labels. Looking one up costs one map access. */
export class SeriesFamily<Series, Values extends readonly string[]> {
  readonly #series = new Map<string, { values: readonly string[]; series: Series }>()
  readonly #labels: readonly string[]
  readonly #create: () => Series

  /** @param known values that the labels can have: where those of every label are known, all series are there from the start */
  constructor(
    labels: readonly string[],
    create: () => Series,
    known: Readonly<Record<string, readonly string[]>> = {},
  ) {
    this.#labels = labels
    this.#create = create
    if (labels.length === 0) this.#series.set('', { values: [], series: create() })
    else if (labels.every((label) => known[label])) {
      const all = labels.reduce<string[][]>(
        (rows, label) => rows.flatMap((row) => known[label]!.map((value) => [...row, value])),
        [[]],
      )
      for (const values of all) this.labels(...(values as unknown as Values))
    }
  }

  /** The series of these values, made when it is new. Hold on to it where every nanosecond counts. */
  labels(...values: Values): Series {
    const key = values.length === 1 ? values[0]! : values.join('\u0000')
    const known = this.#series.get(key)
    return known ? known.series : this.#add(key, values)
  }

  /** Forgets all series: for gauges that are set anew for each scrape. */
  clear(): void {
    if (this.#labels.length > 0) this.#series.clear()
  }

  /** Every series with its labels. */
  *entries(): Generator<{ labels: Record<string, string>; series: Series }> {
    for (const { values, series } of this.#series.values()) {
      yield { labels: Object.fromEntries(this.#labels.map((label, i) => [label, values[i]!])), series }
    }
  }

  #add(key: string, values: readonly string[]): Series {
    if (values.length !== this.#labels.length) {
      throw new TypeError(`labels are (${this.#labels.join(', ')}), got ${values.length} values`)
    }
    if (this.#series.size >= MAX_SERIES) return this.#overflow()
    const series = this.#create()
    this.#series.set(key, { values: [...values], series })
    return series
  }

  #overflow(): Series {
    const known = this.#series.get(OVERFLOW_LABEL)
    if (known) return known.series
    const series = this.#create()
    this.#series.set(OVERFLOW_LABEL, { values: this.#labels.map(() => OVERFLOW_LABEL), series })
    return series
  }
}
