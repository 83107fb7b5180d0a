import { meetsRequirement } from '#workflow/plan/agent-requirement.ts'
import { parseRange, type VersionRange } from '#workflow/plan/version-range.ts'
import type { AgentInstance } from './agent-instance.ts'
import type { Candidates } from './strategy.ts'

/** Shares of steps between ranges of versions: a few of them for a new one, a canary. */
export type VersionWeights = ReadonlyMap<string, number>

interface Share {
  readonly range: VersionRange
  readonly weight: number
  claim: number
}

/**
 * Whose turn it is among ranges of versions, by weight: smooth weighted round robin, so shares are exact and evenly spread, whatever
 * the steps are. A range of which no instance has room passes its turn on; one of which none lives has no turn. Instances in no range get nothing.
 * Pure but for its memory.
 */
export class VersionShares {
  readonly #shares: readonly Share[]

  constructor(weights: VersionWeights) {
    this.#shares = [...weights].flatMap(([text, weight]) => {
      const range = parseRange(text)
      return range ? [{ range, weight, claim: 0 }] : []
    })
  }

  /** Those of the range whose turn it is. @returns undefined when no instance of any range has room */
  narrow(candidates: Candidates): { candidates: Candidates; range: string; because: string } | undefined {
    let total = 0
    let best: Share | undefined
    for (const share of this.#shares) {
      if (!candidates.fit.some((one) => isOf(one, share))) continue
      total += share.weight
      share.claim += share.weight
      if (!best || share.claim > best.claim) best = share
    }
    if (!best) return undefined
    best.claim -= total
    const chosen = best
    const own = (instances: readonly AgentInstance[]) => instances.filter((one) => isOf(one, chosen))
    return {
      candidates: {
        ...candidates,
        healthy: own(candidates.healthy),
        fit: own(candidates.fit),
        isNamed: true,
      },
      range: best.range.text,
      because: `versions ${best.range.text} have ${best.weight} of ${total}`,
    }
  }
}

function isOf(instance: AgentInstance, { range }: Share): boolean {
  return meetsRequirement(instance, { range })
}
