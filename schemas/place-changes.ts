import { z } from 'zod'
import { tenantSchema } from './identifiers.ts'

const ms = z.number().nonnegative()

/** `admission.places`: which places orchestrators have given to those whom they refused, and who came back. */
export const placeChangesSchema = z.object({
  v: z.literal(1),
  /** The orchestrator that tells it. */
  from: z.string().max(200),
  changes: z
    .array(
      z.object({
        tenant: tenantSchema,
        key: z.string().max(200),
        refused: z
          .object({
            inMs: ms,
            again: z.boolean(),
            needs: z.array(z.object({ line: z.string().max(400), units: ms, leftMs: ms.optional() })).max(64),
          })
          .optional(),
      }),
    )
    .max(100),
})

export type PlaceChanges = z.infer<typeof placeChangesSchema>
