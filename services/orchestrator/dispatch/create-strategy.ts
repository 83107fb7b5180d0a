import type { StrategyName } from '#schemas/agent-policy.ts'
import { LeastLoaded } from './least-loaded.ts'
import { Pull } from './pull.ts'
import { RoundRobin } from './round-robin.ts'
import { Sticky } from './sticky.ts'
import type { Strategy } from './strategy.ts'
import { Weighted } from './weighted.ts'

/** Kinds of steps whose turns are remembered; beyond that all begin anew. */
const MAX_STRATEGIES = 256

/** By which instances may have a step: whose turn it is among some says nothing of the others. */
export class StrategyTurns {
  readonly #strategies = new Map<string, Strategy>()
  #name: StrategyName | undefined

  /** @param among names the instances */
  of(name: StrategyName, among: string): Strategy {
    if (name !== this.#name || this.#strategies.size >= MAX_STRATEGIES) this.#strategies.clear()
    this.#name = name
    const strategy = this.#strategies.get(among) ?? createStrategy(name)
    this.#strategies.set(among, strategy)
    return strategy
  }
}

/** One for each agent type: some remember whose turn it was. */
export function createStrategy(name: StrategyName): Strategy {
  switch (name) {
    case 'pull':
      return new Pull()
    case 'round-robin':
      return new RoundRobin()
    case 'weighted':
      return new Weighted()
    case 'least-loaded':
      return new LeastLoaded()
    case 'sticky':
      return new Sticky()
  }
}
