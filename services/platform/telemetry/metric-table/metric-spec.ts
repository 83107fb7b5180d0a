/** Which processes have a metric: all of them, or those that do this work. */
export type MetricPart =
  | 'process'
  | 'orchestrator'
  | 'edge'
  | 'agent'
  | 'api-caller'
  | 'capture'
  | 'detection'
  | 'tracking'
  | 'alerting'

/** What a metric counts, in which unit, and what it is split by. */
export interface MetricSpec {
  type: 'counter' | 'gauge' | 'histogram'
  help: string
  unit: string
  labels: readonly string[]
  /** Histograms only: upper bounds, ascending. */
  buckets?: readonly number[]
  /** Values that a label can have. Where those of every label are known, all series are there from the start, with 0. */
  known?: Readonly<Record<string, readonly string[]>>
  /** Whose it is. */
  in: readonly MetricPart[]
}

/** From a thing that takes a millisecond to one that takes ten minutes. */
export const STEP_BUCKETS_S = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 600,
] as const
/** From a thing that takes a fifth of a millisecond to one that takes ten seconds. */
export const IO_BUCKETS_S = [
  0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
] as const
