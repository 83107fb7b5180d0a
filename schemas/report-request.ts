import { z } from 'zod'
import { blobRefSchema } from './blob.ts'

/** One source of a report: a file in the object store, or text right here. */
export const reportSourceSchema = z
  .strictObject({
    name: z.string().min(1).max(256),
    /** An uploaded file. */
    blob: blobRefSchema.optional(),
    /** The content itself, for small text, Markdown, JSON or CSV. */
    text: z.string().max(200_000).optional(),
  })
  .refine((source) => (source.blob === undefined) !== (source.text === undefined), {
    error: 'give either blob or text',
  })
export type ReportSource = z.infer<typeof reportSourceSchema>

/** The input of a task of type `report`. */
export const reportRequestSchema = z.strictObject({
  title: z.string().min(1).max(200).optional(),
  sources: z.array(reportSourceSchema).min(1).max(200),
})
export type ReportRequest = z.infer<typeof reportRequestSchema>

export const reportRequestExample: ReportRequest = {
  title: 'Sales in May',
  sources: [{ name: 'notes.md', text: '# May\nSales rose by 4 %.' }],
}
