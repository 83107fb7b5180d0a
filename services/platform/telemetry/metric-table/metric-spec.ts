/** Which processes have a metric: all of them, or those that do this work; `backup`: a file that `murmur backup` writes. */
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
  | 'site'
  | 'backup'

/** What a metric counts, in which unit, and what it is split by. */
export interface MetricSpec {
  type: 'counter' | 'gauge' | 'histogram'
  help: string
  unit: string
  labels: readonly string[]
  /** Histograms only: upper bounds, ascending. */
  buckets?: readonly number[]
  /** Histograms only: why these bounds. */
  bounds?: string
  /** Values that a label can have. Where those of every label are known, all series are there from the start, with 0. */
  known?: Readonly<Record<string, readonly string[]>>
  /** Whose it is. */
  in: readonly MetricPart[]
}

/*
 * Bounds of histograms. Each has those between which its values usually lie, and the service level that is read off it, 0.5 s in all
 * of them: a share of what was within a level is exact only at a bound. Native histograms would need none, but they
 * are exposed as protobuf only, which prom-client does not write.
 */

/** From a millisecond, as exact as the clocks of two machines are, to a day, the longest that an attempt may take. */
export const STEP_BUCKETS_S = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 600, 3600, 14_400, 86_400,
] as const
/** From a hundredth of a second to a minute, fine around the half second that a frame may take to its alert. */
export const FRAME_BUCKETS_S = [
  0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2, 5, 10, 30, 60,
] as const
/** From a thing that takes a fifth of a millisecond to one that takes ten seconds. */
export const IO_BUCKETS_S = [
  0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
] as const
