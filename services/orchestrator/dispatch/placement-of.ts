import { type InstanceRequirement, requirementOf } from '#workflow/plan/agent-requirement.ts'

/** What a step asks of an instance, and a name for it: steps with the same one may go to the same instances. */
export interface AskedPlacement {
  requirements: InstanceRequirement
  placement: string
}

/** Which instances may have a step, where not any may; nothing otherwise. Pure. */
export function placementOf(asking: {
  version?: string | undefined
  requires?: readonly string[] | undefined
}): Partial<AskedPlacement> {
  const requirements = requirementOf(asking)
  if (!requirements) return {}
  const { range, needs = [] } = requirements
  return { requirements, placement: `${range.text} ${needs.toSorted().join(' ')}` }
}
