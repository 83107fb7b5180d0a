import { meetsRequirement } from '#workflow/plan/agent-requirement.ts'
import { parseRange, type VersionRange } from '#workflow/plan/version-range.ts'
import type { AgentInstance } from './agent-instance.ts'
import type { Candidates, Choice } from './strategy.ts'

/** Shares of steps between ranges of versions: a few of them for a new one, a canary. */
export type VersionWeights = ReadonlyMap<string, number>

interface Share {
  readonly range: VersionRange
  readonly weight: number
  claim: number
}

/**
 * Whose turn it is among ranges of versions, by weight: smooth weighted round robin, so shares are exact and evenly spread, whatever
 * the steps are. A turn is between those that can take the step, and counts when one of them has: a range that has no room, or of which the strategy wants
 * nobody, passes its turn on and is owed nothing for it, so that it is not flooded when it has room again. A range of which no instance lives has no
 * turn. Instances in no range get nothing. Pure but for its memory.
 */
export class VersionShares {
  readonly #shares: readonly Share[]

  constructor(weights: VersionWeights) {
    this.#shares = [...weights].flatMap(([text, weight]) => {
      const range = parseRange(text)
      return range ? [{ range, weight, claim: 0 }] : []
    })
  }

  /**
   * Who gets the step, of the range whose turn it is.
   * @param place chooses one of those candidates; undefined: nobody of that range can take it just now
   * @returns undefined when nobody of any range can
   */
  choose(
    candidates: Candidates,
    place: (narrowed: Candidates, range: string) => Choice | undefined,
  ): Choice | undefined {
    let open = this.#shares.filter((share) => candidates.fit.some((one) => isOf(one, share)))
    while (open.length > 0) {
      const first = firstOf(open)
      const choice = place(narrowed(candidates, first), first.range.text)
      if (choice) {
        const total = open.reduce((sum, { weight }) => sum + weight, 0)
        for (const share of open) share.claim += share.weight
        first.claim -= total
        return {
          ...choice,
          because: `versions ${first.range.text} have ${first.weight} of ${total}; ${choice.because}`,
        }
      }
      open = open.filter((share) => share !== first)
    }
    return undefined
  }
}

/** The one with the highest claim after this turn. */
function firstOf(shares: readonly Share[]): Share {
  return shares.reduce((best, share) =>
    share.claim + share.weight > best.claim + best.weight ? share : best,
  )
}

function narrowed(candidates: Candidates, share: Share): Candidates {
  const own = (instances: readonly AgentInstance[]) => instances.filter((one) => isOf(one, share))
  return { ...candidates, healthy: own(candidates.healthy), fit: own(candidates.fit), isNamed: true }
}

function isOf(instance: AgentInstance, { range }: Share): boolean {
  return meetsRequirement(instance, { range })
}
