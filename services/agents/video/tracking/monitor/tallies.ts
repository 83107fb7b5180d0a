import { z } from 'zod'
import type { Tracks } from '#schemas/camera.ts'

const countsSchema = z.object({ persons: z.int().min(0), vehicles: z.int().min(0) })

/** What a monitor adds up over its frames. */
export const talliesSchema = z.object({
  detections: z.int().min(0),
  peak: countsSchema,
  /** Of all frames together. */
  sum: countsSchema,
  /** Events of each rule, by its id. */
  events: z.array(z.tuple([z.string(), z.int().min(1)])),
  model: z.string().optional(),
  modelWarning: z.string().optional(),
})
export type Tallies = z.infer<typeof talliesSchema>

export const NO_TALLIES: Tallies = {
  detections: 0,
  peak: { persons: 0, vehicles: 0 },
  sum: { persons: 0, vehicles: 0 },
  events: [],
}

/** With one frame more. Pure. */
export function withFrame(
  tallies: Tallies,
  { persons, vehicles }: Pick<Tracks, 'persons' | 'vehicles'>,
  seen: { detections: number; model: string; modelWarning?: string | undefined; rules: readonly string[] },
): Tallies {
  const { peak, sum } = tallies
  return {
    ...withEvents(tallies, seen.rules),
    detections: tallies.detections + seen.detections,
    peak: { persons: Math.max(peak.persons, persons), vehicles: Math.max(peak.vehicles, vehicles) },
    sum: { persons: sum.persons + persons, vehicles: sum.vehicles + vehicles },
    model: seen.model,
    ...(seen.modelWarning !== undefined && { modelWarning: seen.modelWarning }),
  }
}

/** With events of these rules more. Pure. */
export function withEvents(tallies: Tallies, rules: readonly string[]): Tallies {
  const events = new Map(tallies.events)
  for (const rule of rules) events.set(rule, (events.get(rule) ?? 0) + 1)
  return { ...tallies, events: [...events] }
}

/** Events of all rules. Pure. */
export function eventCount({ events }: Tallies): number {
  return events.reduce((sum, [, count]) => sum + count, 0)
}
