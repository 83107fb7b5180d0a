/** A part of a run during which load is the same, or goes evenly from one level to another. */
export interface Stage {
  /** Of the whole run, 0 to 1. */
  readonly share: number
  /** Level at its beginning and at its end, of the scenario's peak: 0 to 1. */
  readonly from: number
  readonly to: number
}

export type Mix = 'users' | 'tasks'

export interface Scenario {
  readonly name: string
  /** Users at the peak. With an open loop the peak is a rate instead. */
  readonly users: number
  readonly durationMs: number
  readonly stages: readonly Stage[]
  /** `users`: reports, monitors, status checks and failures. `tasks`: three-step tasks one after the other, and nothing else. */
  readonly mix: Mix
  /** Arrivals a second at the peak where the loop is open; users come and wait for their answers otherwise. */
  readonly ratePerSecond?: number
  readonly what: string
}

const held = (share: number, level: number): Stage => ({ share, from: level, to: level })
/** A quarter, half, three quarters for a tenth of the time each: the knee is looked for in them. Then all. */
const STAIRS: readonly Stage[] = [held(0.1, 0.25), held(0.1, 0.5), held(0.1, 0.75), held(0.7, 1)]
const SPIKE: readonly Stage[] = [
  { share: 0.2, from: 0, to: 0.5 },
  { share: 0.2, from: 0.5, to: 1 },
  held(0.2, 1),
  { share: 0.2, from: 1, to: 0.5 },
  { share: 0.2, from: 0.5, to: 0 },
]
/** Quarters of the time at full load: what grows shows from one to the next. */
const QUARTERS: readonly Stage[] = [held(0.25, 1), held(0.25, 1), held(0.25, 1), held(0.25, 1)]
const RISING: readonly Stage[] = [
  held(0.2, 0.2),
  held(0.2, 0.4),
  held(0.2, 0.6),
  held(0.2, 0.8),
  held(0.2, 1),
]

/** Milliseconds. */
const ARRIVAL_STEP_MS = 10
const seconds = (n: number) => n * 1000

/** What can be run, one row each. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'baseline',
    users: 100,
    durationMs: seconds(60),
    stages: STAIRS,
    mix: 'users',
    what: 'an ordinary day',
  },
  { name: 'high', users: 500, durationMs: seconds(120), stages: STAIRS, mix: 'users', what: 'a busy day' },
  {
    name: 'extreme',
    users: 1000,
    durationMs: seconds(180),
    stages: STAIRS,
    mix: 'users',
    what: 'more than a small machine has',
  },
  {
    name: 'spike',
    users: 2000,
    durationMs: seconds(60),
    stages: SPIKE,
    mix: 'users',
    what: 'a crowd that comes and goes',
  },
  {
    name: 'endurance',
    users: 300,
    durationMs: seconds(300),
    stages: QUARTERS,
    mix: 'users',
    what: 'what grows when it goes on',
  },
  {
    name: 'throughput',
    users: 0,
    durationMs: seconds(60),
    stages: RISING,
    mix: 'tasks',
    ratePerSecond: 250,
    what: 'three-step tasks in an open loop, at five rising rates',
  },
  {
    name: 'smoke',
    users: 20,
    durationMs: seconds(20),
    stages: [held(1, 1)],
    mix: 'users',
    what: 'whether all of it works',
  },
]

/** The scenario of that name; undefined where there is none. */
export function scenarioOf(name: string): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario.name === name)
}

/** The index of the stage at a time; the last one from its end on. Pure. */
export function stageAt({ stages, durationMs }: Scenario, atMs: number): number {
  let endMs = 0
  for (const [index, { share }] of stages.entries()) {
    endMs += share * durationMs
    if (atMs < endMs) return index
  }
  return stages.length - 1
}

/** From and to, in milliseconds of the run. Pure. */
export function stageSpan({ stages, durationMs }: Scenario, index: number): { fromMs: number; toMs: number } {
  const before = stages.slice(0, index).reduce((sum, { share }) => sum + share, 0)
  return {
    fromMs: Math.round(before * durationMs),
    toMs: Math.round((before + stages[index]!.share) * durationMs),
  }
}

/** Load at a time as a share of the peak: 0 before the run and from its end on. Pure. */
export function levelAt(scenario: Scenario, atMs: number): number {
  if (atMs < 0 || atMs >= scenario.durationMs) return 0
  const index = stageAt(scenario, atMs)
  const { from, to } = scenario.stages[index]!
  const { fromMs, toMs } = stageSpan(scenario, index)
  return from + ((to - from) * (atMs - fromMs)) / Math.max(1, toMs - fromMs)
}

/** Users that are there at a time. Pure. */
export function usersAt(scenario: Scenario, atMs: number): number {
  return Math.round(levelAt(scenario, atMs) * scenario.users)
}

/**
 * When each arrival of an open loop is due, in milliseconds of the run: evenly apart where the rate stays, closer together where it rises.
 * Pure, and made as it is asked for.
 */
export function* arrivalsOf(scenario: Scenario): Generator<number> {
  const peak = scenario.ratePerSecond ?? 0
  let sum = 0
  let next = 0
  // The rate is taken as the same within a step, which is shorter than any stage is noticed in.
  for (let atMs = 0; atMs < scenario.durationMs; atMs += ARRIVAL_STEP_MS) {
    const perMs = (levelAt(scenario, atMs + ARRIVAL_STEP_MS / 2) * peak) / 1000
    const until = sum + perMs * ARRIVAL_STEP_MS
    for (; next < until; next++) yield atMs + (next - sum) / perMs
    sum = until
  }
}
