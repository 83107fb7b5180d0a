import { checkHistory } from './check-history.ts'
import type { History } from './history.ts'
import type { Violation } from './invariants.ts'
import { drawWorld, type World } from './random-world.ts'
import { Simulation, type SimulationOptions } from './simulation.ts'

export interface SeedResult {
  world: World
  violations: Violation[]
  /** Absent when something was thrown. */
  history?: History
}

/** Simulates one seed and judges it. The same seed is the same down to every message. */
export function runSeed(seed: number, options: SimulationOptions = {}): Promise<SeedResult> {
  return runWorld(drawWorld(seed), options)
}

export async function runWorld(world: World, options: SimulationOptions = {}): Promise<SeedResult> {
  try {
    const history = await new Simulation(world, options).run()
    return { world, history, violations: checkHistory(history, options.without) }
  } catch (error) {
    const message = (error as Error).stack ?? String(error)
    return { world, violations: [{ invariant: 'decide-never-throws', message }] }
  }
}
