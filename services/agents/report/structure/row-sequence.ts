import type { Column } from '#schemas/document.ts'
import { monthNumber } from './calendar-part.ts'
import { nameTokens } from './name-tokens.ts'

const STEP_WORDS =
  /^(step|steps|timestep|timepoint|iteration|iterations|iter|epoch|epochs|sample|samples|frame|tick|ticks|cycle|cycles|trial|round|generation|sequence|seq|t|time|elapsed|seconds|sec|secs|minutes|hours|millis|ms|laufzeit|schritt|month|week|day|hour|quarter|period)$/
/** Names of tables whose rows were recorded one after another. */
const SEQUENCE_NAME =
  /(?:^|[\s_./#-])(?:time[\s_-]?series|timeseries|signal|waveform|trace|recording|sensor[\s_-]?log)(?:$|[\s_./#\d-])/i
/** Fewer values rise by chance: 1 in 120 for five. */
const MIN_STEPS = 6
/**
 * The steps that a column counts: `step`, `epoch`, `t`, seconds from a start, months by name. They rise from row to row, or every step
 * comes equally often, once in each of several runs. Null for other columns. Pure.
 */
export function sequenceSteps({ name, kind, values }: Column): Float64Array | null {
  if (!STEP_WORDS.test(nameTokens(name).at(-1) ?? '') || values.length < MIN_STEPS) return null
  const steps = new Float64Array(values.length)
  const counts = new Map<number, number>()
  let isRising = true
  for (let row = 0; row < values.length; row++) {
    const value = kind === 'number' ? values[row] : monthNumber(values[row])
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return null
    steps[row] = value
    counts.set(value, (counts.get(value) ?? 0) + 1)
    if (row > 0 && value <= steps[row - 1]!) isRising = false
  }
  if (isRising) return steps
  const runs = values.length / counts.size
  const isBalanced =
    counts.size >= MIN_STEPS && runs > 1 && [...counts.values()].every((count) => count === runs)
  return isBalanced ? steps : null
}

/** Whether the name of a table says that its rows follow each other: `signal.csv`, `time_series.csv`. Pure. */
export function namesSequence(table: string): boolean {
  return SEQUENCE_NAME.test(table)
}
