import { parseArgs } from 'node:util'
import { SCENARIOS, type Scenario, scenarioOf } from './scenarios.ts'

export interface LoadOptions {
  readonly scenario: Scenario
  /** REST of a deployment; a local stack is started without it. */
  readonly edge?: string
  readonly grpc?: string
  readonly key?: string
  readonly transports: readonly ('rest' | 'grpc')[]
  readonly seed: number
  readonly hasFaults: boolean
  readonly failureShare: number
  readonly maxMonitors?: number
  readonly settleMs: number
  /** Files that the result and the report are written to. */
  readonly json?: string
  readonly html?: string
  readonly baseline?: string
  readonly isStrict: boolean
  /** Keeps the result for docs/EVALUATION_RESULTS.md. */
  readonly isRecorded: boolean
}

/** What is wrong with what was typed, for people. */
export class UsageError extends Error {}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const MAX_DURATION_MS = 7 * 24 * 3_600_000
/** How long tasks that are open at the end may take unless something else is said: as long as the run, within these. */
const MIN_SETTLE_MS = 15_000
const MAX_SETTLE_MS = 120_000
const MAX_USERS = 20_000
const MAX_RATE = 20_000

export const USAGE = `npm run load -- SCENARIO [options]

${SCENARIOS.map(({ name, users, ratePerSecond, durationMs, what }) => {
  const load = ratePerSecond === undefined ? `${users} users` : `${ratePerSecond}/s`
  return `  ${name.padEnd(12)}${load.padStart(11)}  ${`${durationMs / 1000} s`.padStart(6)}  ${what}`
}).join('\n')}

  --smoke              the scenario smoke
  --duration 8h        how long; ms, s, m or h
  --users N            users at the peak
  --rate N             an open loop: so many arrivals a second at the peak, whatever becomes of those before
  --edge URL           a deployment's REST, in place of a local stack; --grpc HOST:PORT for gRPC; the key stands in MURMUR_API_KEY
  --transport both     rest, grpc or both
  --monitors N         monitors at a time, at most
  --failures 0.05      share of activities that are failures
  --no-faults          kill nothing; with --edge nothing is ever killed
  --settle 60s         how long tasks that are open at the end may take; as long as the run, 15 s to 120 s, without it
  --seed N             of the draws
  --json FILE          the result; --html FILE the report; under .murmur/load without them
  --baseline FILE      the result of an earlier run, to compare with
  --record             keeps the result in loadtest/results, for npm run docs
  --strict             exit code 1 when a level was missed or the run is void`

/**
 * What is to be done, from the command line. Pure.
 * @param env only MURMUR_API_KEY is read
 * @throws UsageError with what is wrong
 */
export function readOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): LoadOptions {
  const { values, positionals } = parsed(argv)
  if (positionals.length > 1) throw new UsageError(`one scenario at a time: ${positionals.join(', ')}`)
  const name = values.smoke ? 'smoke' : positionals[0]
  if (name === undefined) throw new UsageError('which scenario?')
  const row = scenarioOf(name)
  if (!row)
    throw new UsageError(
      `there is no scenario "${name}"; there are ${SCENARIOS.map((s) => s.name).join(', ')}`,
    )
  const rate =
    values.rate === undefined ? undefined : numberOf('--rate', values.rate, { min: 0.1, max: MAX_RATE })
  const scenario: Scenario = {
    ...row,
    ...(values.duration !== undefined && { durationMs: durationOf('--duration', values.duration) }),
    ...(values.users !== undefined && {
      users: numberOf('--users', values.users, { min: 1, max: MAX_USERS, whole: true }),
    }),
    ...(rate !== undefined && { ratePerSecond: rate }),
  }
  if (rate !== undefined && values.users !== undefined)
    throw new UsageError('--rate is an open loop and --users a closed one: only one of them')
  const transport = values.transport ?? 'both'
  if (!['rest', 'grpc', 'both'].includes(transport)) throw new UsageError('--transport: rest, grpc or both')
  const { edge, grpc } = values
  if (edge !== undefined && !/^https?:\/\//.test(edge))
    throw new UsageError('--edge: an http or https address')
  if (edge === undefined && grpc !== undefined) throw new UsageError('--grpc goes with --edge')
  if (edge !== undefined && grpc === undefined && transport === 'grpc')
    throw new UsageError('--transport grpc at a deployment needs --grpc HOST:PORT')
  const hasGrpc = edge === undefined || grpc !== undefined
  const wanted = transport === 'both' ? (['rest', 'grpc'] as const) : ([transport] as ('rest' | 'grpc')[])
  const { json, html, baseline } = values
  const key = env.MURMUR_API_KEY
  return {
    scenario,
    ...(edge !== undefined && { edge }),
    ...(grpc !== undefined && { grpc }),
    ...(key !== undefined && key !== '' && { key }),
    transports: wanted.filter((one) => one === 'rest' || hasGrpc),
    seed: numberOf('--seed', values.seed ?? '1', { min: 0, max: 2 ** 32 - 1, whole: true }),
    hasFaults: edge === undefined && !values['no-faults'],
    failureShare: numberOf('--failures', values.failures ?? '0.05', { min: 0, max: 1 }),
    ...(values.monitors !== undefined && {
      maxMonitors: numberOf('--monitors', values.monitors, { min: 0, max: 1000, whole: true }),
    }),
    settleMs:
      values.settle === undefined
        ? Math.min(MAX_SETTLE_MS, Math.max(MIN_SETTLE_MS, scenario.durationMs))
        : durationOf('--settle', values.settle),
    ...(json !== undefined && { json }),
    ...(html !== undefined && { html }),
    ...(baseline !== undefined && { baseline }),
    isStrict: values.strict ?? false,
    isRecorded: values.record ?? false,
  }
}

/** `90s`, `8h`, `250ms`, `2m`; seconds without a unit. Pure. @returns milliseconds @throws UsageError */
export function durationOf(option: string, text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? []
  const ms = Math.round(Number(number) * UNITS[unit]!)
  if (!(ms >= 1000 && ms <= MAX_DURATION_MS))
    throw new UsageError(`${option}: a time such as 90s, 2m or 8h, from 1 s to 7 days, and not "${text}"`)
  return ms
}

function numberOf(
  option: string,
  text: string,
  { min, max, whole = false }: { min: number; max: number; whole?: boolean },
) {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value
  throw new UsageError(`${option}: a ${whole ? 'whole ' : ''}number from ${min} to ${max}, and not "${text}"`)
}

function parsed(argv: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        smoke: flag,
        duration: text,
        users: text,
        rate: text,
        edge: text,
        grpc: text,
        transport: text,
        monitors: text,
        failures: text,
        'no-faults': flag,
        settle: text,
        seed: text,
        json: text,
        html: text,
        baseline: text,
        strict: flag,
        record: flag,
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
