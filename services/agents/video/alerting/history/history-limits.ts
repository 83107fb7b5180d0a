import { STREAMS } from '#subjects/streams.ts'

export interface HistoryLimits {
  /** Alerts kept; the oldest go first. */
  keep: number
  keepMs: number
}

export const HISTORY_LIMITS: HistoryLimits = { keep: 10_000, keepMs: STREAMS.alerts.maxAgeMs }
