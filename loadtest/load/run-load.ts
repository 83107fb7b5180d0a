import { availableParallelism } from 'node:os'
import { type DriveEvents, driveGenerator } from './drive-generator.ts'
import type { GeneratorConfig } from './generator/messages.ts'
import type { LoadOptions } from './options.ts'
import type { LoadResult, Origin } from './result-schema.ts'
import { type Kill, summarize } from './summarize.ts'
import { faultPlan } from './target/fault-plan.ts'
import type { Target } from './target/target.ts'

/** A monitor renders, detects and tracks: with two frames a second four of them take a good part of a core. */
const MONITORS_A_CORE = 2
const MONITOR_MS = 15_000
/** Of a short run a monitor lasts a third at most: it is to be stopped by who started it. */
const MONITOR_SHARE = 1 / 3

export interface LoadDeps {
  readonly target: Target
  readonly origin: Origin
  readonly events: DriveEvents & { onKilled?(what: string): void }
  readonly signal: AbortSignal
}

/**
 * Puts load on a target, kills what is to be killed meanwhile, asks for every task at the end, and judges.
 * @throws Error when the target does not answer, or the generator fails
 */
export async function runLoad(options: LoadOptions, deps: LoadDeps): Promise<LoadResult> {
  const { scenario, transports, seed, failureShare, settleMs, hasFaults } = options
  const { target, events, signal } = deps
  const plan = hasFaults && target.kill ? faultPlan(scenario) : undefined
  const kills: Kill[] = []
  const timers: NodeJS.Timeout[] = []
  let begunMs = 0
  const kill = ({ what, witness }: Kill) => {
    // When it is really done is what counts, and not when it was to be.
    if (!target.kill?.(what)) return
    kills.push({ what, witness, atMs: Math.round(performance.now() - begunMs) })
    events.onKilled?.(what)
  }
  const config: GeneratorConfig = {
    address: target.address,
    scenario,
    transports,
    seed,
    failureShare,
    settleMs,
    maxMonitors: options.maxMonitors ?? MONITORS_A_CORE * availableParallelism(),
    monitorMs: Math.round(Math.min(MONITOR_MS, scenario.durationMs * MONITOR_SHARE)),
    ...(plan && { probes: plan.probes }),
  }
  try {
    const generated = await driveGenerator(
      config,
      {
        ...events,
        onBegun(atMs) {
          begunMs = performance.now() - (Date.now() - atMs)
          for (const each of plan?.kills ?? []) timers.push(setTimeout(() => kill(each), each.atMs))
          events.onBegun?.(atMs)
        },
      },
      signal,
    )
    return summarize({
      scenario,
      target: target.about,
      transports: [...transports],
      seed,
      origin: deps.origin,
      generated,
      kills,
    })
  } finally {
    for (const timer of timers) clearTimeout(timer)
  }
}
