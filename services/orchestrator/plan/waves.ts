import type { Plan } from '#schemas/plan.ts'

/**
 * Ids of the steps that can run at the same time, first the first: each step is in the wave behind the last one that it needs.
 * Pure; the plan has been checked, so there is no circle in it.
 */
export function wavesOf({ steps }: Plan): string[][] {
  const needs = new Map(steps.map((step) => [step.id, step.needs ?? []]))
  const waves: string[][] = []
  const placed = new Set<string>()
  while (placed.size < needs.size) {
    const wave = [...needs.keys()].filter(
      (id) => !placed.has(id) && needs.get(id)!.every((one) => placed.has(one)),
    )
    if (wave.length === 0) throw new Error('the plan has a circle')
    for (const id of wave) placed.add(id)
    waves.push(wave)
  }
  return waves
}
