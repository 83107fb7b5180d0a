import { z } from 'zod'
import { originSchema } from '../result-schema.ts'

/** What any measurement may leave in `loadtest/results/` to stand in docs/EVALUATION_RESULTS.md: tables with what they were measured on. */
export const TABLES_RESULT = 'murmuration.tables/1'

export const tablesResultSchema = z.object({
  schema: z.literal(TABLES_RESULT),
  title: z.string(),
  /** One paragraph: what was measured, and how. No figures: those are in the tables. */
  about: z.string(),
  origin: originSchema,
  tables: z.array(
    z.object({
      title: z.string().optional(),
      columns: z.array(z.string()).min(2),
      /** Cells as they are to be read; the first names the row. */
      rows: z.array(z.array(z.union([z.string(), z.number()]))),
    }),
  ),
  notes: z.array(z.string()).default([]),
})
export type TablesResult = z.infer<typeof tablesResultSchema>
