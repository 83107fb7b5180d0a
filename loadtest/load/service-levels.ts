import type { Group } from './generator/recorder.ts'

/** What the system promises, and is held to by every run. */
export const SERVICE_LEVELS = {
  /** 95 % of all answers of the API come within this. Milliseconds. */
  apiP95Ms: 500,
  /** 95 % of small reports are there within this. Milliseconds. */
  smallReportP95Ms: 500,
  /** Tasks that end a second, where so many are offered. */
  tasksPerSecond: 100,
  /** Of all questions, those that are answered with an error. What is refused for now, with a time to come back, is none. */
  errorShare: 0.01,
  /** Of all accepted tasks, those that end as they are to. */
  successShare: 0.99,
  /** From the death of a process to the moment from which everything works as before. Milliseconds. */
  recoveryMs: 10_000,
} as const

/** A generator that is later than this, at its 99th percentile, has measured itself: the run is void. A tenth of the tightest level. */
export const MAX_GENERATOR_DELAY_MS = 50

export type Judgement = 'met' | 'missed' | 'not asked'

export interface LevelResult {
  readonly name: string
  /** As people say it: `p95 < 500 ms`. */
  readonly wanted: string
  /** What was measured, in the unit of what is wanted; absent where nothing was. */
  readonly measured?: number
  readonly unit: 'ms' | 's' | '/s' | '%' | ''
  readonly judgement: Judgement
  /** Why it was not asked, or what else there is to say. */
  readonly note?: string
}

/** What a kind of request is held to: the 95th percentile in milliseconds; undefined for what has no level of its own. Pure. */
export function levelOf(group: Group, kind: string): number | undefined {
  if (group === 'api') return SERVICE_LEVELS.apiP95Ms
  return kind === 'small report' ? SERVICE_LEVELS.smallReportP95Ms : undefined
}

/** Below is met: the levels say `<`. Pure. */
export function judgeBelow(measured: number, bound: number): Judgement {
  return measured < bound ? 'met' : 'missed'
}
