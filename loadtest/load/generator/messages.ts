import type { Scenario } from '../scenarios.ts'
import type { OwnDelay } from './own-delay.ts'
import type { Bucket, Series } from './recorder.ts'
import type { HintCounts } from './run-activity.ts'
import type { KindOutcome } from './task-ledger.ts'

/** Where load is put, as a client outside sees it. */
export interface Address {
  readonly restUrl: string
  /** `host:port`; absent where it is not known. */
  readonly grpc?: string | undefined
  readonly grpcTls?: boolean | undefined
  readonly key?: string | undefined
}

export interface GeneratorConfig {
  readonly address: Address
  readonly scenario: Scenario
  readonly transports: readonly ('rest' | 'grpc')[]
  /** Draws are the same for the same seed; what comes of them is not. */
  readonly seed: number
  readonly failureShare: number
  /** Monitors that users may have at a time, and how long each is watched. */
  readonly maxMonitors: number
  readonly monitorMs: number
  /** From and to when probes are sent, in milliseconds of the run; none without. */
  readonly probes?: { readonly fromMs: number; readonly toMs: number } | undefined
  /** How long tasks that are open at the end may take. */
  readonly settleMs: number
}

/** A task that was sent to see whether everything works. */
export interface Probe {
  /** Three steps that do nothing, or a small report. */
  readonly of: 'task' | 'report'
  /** When it was due. Milliseconds of the run. */
  readonly atMs: number
  /** Until it was done; absent when that was never seen. */
  readonly tookMs?: number
}

export interface ActivityCounts {
  readonly done: number
  readonly refused: number
  readonly error: number
  readonly stopped: number
  /** By what was not as it should be. */
  readonly unexpected: Readonly<Record<string, number>>
}

/** All that a generator has seen. */
export interface GeneratorResult {
  readonly startedAtMs: number
  /** Until load ended: a run that somebody broke off is shorter than it was to be. */
  readonly ranMs: number
  readonly settledMs: number
  readonly isBrokenOff: boolean
  readonly bucketMs: number
  readonly timeline: readonly Bucket[]
  readonly series: readonly Series[]
  readonly activities: Readonly<Record<string, ActivityCounts>>
  readonly tasks: readonly KindOutcome[]
  readonly lostIds: readonly string[]
  readonly notRemembered: number
  readonly hints: HintCounts
  readonly own: OwnDelay
  readonly probes: readonly Probe[]
  /** When reports ended, in milliseconds of the run, sorted. */
  readonly reportEndsAtMs: readonly number[]
  /** Arrivals of an open loop that were not sent, because too much was under way. */
  readonly notSent: number
}

export interface Progress {
  readonly atMs: number
  readonly users: number
  readonly underWay: number
  readonly bucket: Bucket
  readonly p50Ms: number
  readonly p95Ms: number
  readonly answered: number
  readonly refused: number
  readonly errors: number
  readonly accepted: number
  readonly own: OwnDelay
}

export type ToGenerator = { kind: 'start'; config: GeneratorConfig } | { kind: 'stop' }
export type FromGenerator =
  | { kind: 'ready' }
  | { kind: 'begun'; atMs: number }
  | { kind: 'progress'; progress: Progress }
  | { kind: 'settling'; open: number }
  | { kind: 'done'; result: GeneratorResult }
  | { kind: 'failed'; message: string }
