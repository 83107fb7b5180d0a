import type { Plan } from '#schemas/plan.ts'

/**
 * Ids of the steps that can run at the same time, first the first: each step is in the stage behind the last one that it needs.
 * Pure; the plan has been checked, so there is no cycle in it.
 */
export function stagesOf({ steps }: Plan): string[][] {
  const needs = new Map(steps.map((step) => [step.id, step.needs ?? []]))
  const stages: string[][] = []
  const placed = new Set<string>()
  while (placed.size < needs.size) {
    const stage = [...needs.keys()].filter(
      (id) => !placed.has(id) && needs.get(id)!.every((one) => placed.has(one)),
    )
    if (stage.length === 0) throw new Error('the plan has a cycle')
    for (const id of stage) placed.add(id)
    stages.push(stage)
  }
  return stages
}
