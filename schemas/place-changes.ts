import { z } from 'zod'
import { tenantSchema } from './identifiers.ts'

/** Of a place: lines that it stands in at once. Of a message: places that have changed. */
export const PLACE_LIMITS = { lines: 64, changes: 100 } as const

const ms = z.number().nonnegative()

const refusedSchema = z.object({
  tenant: tenantSchema,
  key: z.string().max(200),
  /** Until he was told to come. */
  inMs: ms,
  needs: z
    .array(z.object({ line: z.string().max(400), units: ms, leftMs: ms.optional() }))
    .max(PLACE_LIMITS.lines),
})

/** `admission.places`: which places orchestrators have given to those whom they refused, and who came back. */
export const placeChangesSchema = z.object({
  v: z.literal(1),
  /** The orchestrator that tells it. */
  from: z.string().max(200),
  changes: z
    .array(z.object({ id: z.string().max(100), refused: refusedSchema.optional() }))
    .max(PLACE_LIMITS.changes),
})

export type PlaceChanges = z.infer<typeof placeChangesSchema>

/** A place as it is kept for orchestrators that come later, beside its id. */
export const keptPlaceSchema = refusedSchema.omit({ inMs: true }).extend({
  /** When he is to come, by the broker's clock. */
  dueAtMs: z.number(),
  /** How long he was to wait. */
  waitMs: ms,
})

export type KeptPlace = z.infer<typeof keptPlaceSchema>
