import type { StrategyName } from '#schemas/agent-policy.ts'
import { LeastLoaded } from './least-loaded.ts'
import { Pull } from './pull.ts'
import { RoundRobin } from './round-robin.ts'
import { Sticky } from './sticky.ts'
import type { Strategy } from './strategy.ts'
import { Weighted } from './weighted.ts'

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
