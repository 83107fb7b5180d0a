import type { Column } from '#schemas/document.ts'
import { nameTokens } from './name-tokens.ts'

const STEP_WORDS =
  /^(step|steps|timestep|iteration|iterations|iter|epoch|epochs|sample|samples|frame|tick|ticks|cycle|cycles|trial|round|generation|sequence|seq|t|time|elapsed|seconds|sec|secs|minutes|hours|millis|ms|laufzeit|schritt|month|week|day|hour|quarter|period)$/
/** Names of tables whose rows were recorded one after another. */
const SEQUENCE_NAME =
  /(?:^|[\s_./#-])(?:time[\s_-]?series|timeseries|signal|waveform|trace|recording|sensor[\s_-]?log)(?:$|[\s_./#\d-])/i
/** Fewer values rise by chance: 1 in 120 for five. */
const MIN_STEPS = 6
/** A panel of runs has every step once a run: values come again, and rise within a run. */
const MIN_RISING_SHARE = 0.5

/**
 * Whether a column of numbers counts the steps of what was observed: `step`, `epoch`, `t`, seconds from a start. It rises from row to
 * row, or starts anew with each of several runs. Pure.
 */
export function isSequence({ name, kind, values }: Column): boolean {
  if (kind !== 'number' || !STEP_WORDS.test(nameTokens(name).at(-1) ?? '')) return false
  if (values.length < MIN_STEPS) return false
  let rising = 0
  const distinct = new Set<number>()
  for (let row = 0; row < values.length; row++) {
    const value = values[row]
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return false
    distinct.add(value)
    if (row > 0 && value > (values[row - 1] as number)) rising++
  }
  if (rising === values.length - 1) return true
  const runs = values.length / distinct.size
  // Sorted by run, or all runs of a step side by side.
  return (
    distinct.size >= MIN_STEPS && Number.isInteger(runs) && runs > 1 && isRegular(values, { rising, runs })
  )
}

function isRegular(values: Column['values'], { rising, runs }: { rising: number; runs: number }): boolean {
  const steps = values.length / runs
  if (rising >= MIN_RISING_SHARE * values.length && rising === runs * (steps - 1)) return true
  return rising === steps - 1 && values.every((value, row) => row === 0 || value! >= values[row - 1]!)
}

/** Whether the name of a table says that its rows follow each other: `signal.csv`, `time_series.csv`. Pure. */
export function namesSequence(table: string): boolean {
  return SEQUENCE_NAME.test(table)
}
