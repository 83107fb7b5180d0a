import { parseArgs } from 'node:util'
import { CONTENDER_NAMES, type ContenderName } from './contenders.ts'

/** What `npm run bench:report` is asked to do. */
export interface BenchOptions {
  json: boolean
  rows: number
  columns: number
  seed: number
  /** Each contender runs so often, in turn with the others. */
  rounds: number
  only: readonly ContenderName[]
  /** Rows for the full profile, whose work grows with the square of the columns. */
  fullRows: number
  timeoutMs: number
  python: string
  /** A CSV file to take instead of a seeded one; it stays. */
  file?: string
  /** Where the seeded file is kept. */
  keep?: string
}

const MIN_ROWS = 10
const MAX_COLUMNS = 500

/**
 * Reads the arguments of the benchmark. Pure.
 *
 * @param env where `PYTHON` may name the Python to use
 * @throws Error for an option that is unknown or out of bounds
 */
export function parseBenchOptions(
  argv: readonly string[],
  env: { readonly PYTHON?: string | undefined },
): BenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      rows: { type: 'string', default: '1000000' },
      columns: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '1' },
      only: { type: 'string' },
      fullRows: { type: 'string', default: '20000' },
      timeoutSeconds: { type: 'string', default: '1800' },
      python: { type: 'string', default: env.PYTHON || 'python3' },
      file: { type: 'string' },
      keep: { type: 'string' },
    },
  })
  const whole = (option: 'rows' | 'columns' | 'seed' | 'rounds' | 'fullRows' | 'timeoutSeconds', min = 1) =>
    wholeNumber(option, values[option], min)
  const columns = whole('columns')
  if (columns > MAX_COLUMNS) throw new Error(`--columns: at most ${MAX_COLUMNS}`)
  return {
    json: values.json,
    rows: whole('rows', MIN_ROWS),
    columns,
    seed: whole('seed'),
    rounds: whole('rounds'),
    only: chosen(values.only, values.full),
    fullRows: whole('fullRows', MIN_ROWS),
    timeoutMs: whole('timeoutSeconds') * 1000,
    python: values.python,
    ...(values.file !== undefined && { file: values.file }),
    ...(values.keep !== undefined && { keep: values.keep }),
  }
}

function wholeNumber(option: string, text: string, min: number): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < min)
    throw new Error(`--${option}: a whole number from ${min} on, not "${text}"`)
  return value
}

/** The full profile takes long, so it runs only when it is asked for. */
function chosen(only: string | undefined, full: boolean): ContenderName[] {
  if (only === undefined) return CONTENDER_NAMES.filter((name) => full || name !== 'ydata-full')
  const names = only.split(',')
  const unknown = names.find((name) => !CONTENDER_NAMES.some((known) => known === name))
  if (unknown !== undefined) throw new Error(`--only: "${unknown}" is none of ${CONTENDER_NAMES.join(', ')}`)
  return CONTENDER_NAMES.filter((name) => names.includes(name) || (full && name === 'ydata-full'))
}
