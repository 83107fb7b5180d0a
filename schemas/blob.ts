import { z } from 'zod'

/** `text/csv`, with parameters or without. */
export const mediaTypeSchema = z
  .string({ error: 'must be a media type' })
  .max(128)
  .regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;\s*[\w-]+=("[^"\r\n]*"|[\w.+-]+))*$/, {
    error: 'must be a media type, as text/csv',
  })

/**
 * A reference to an object in the object store (claim check): what is too big for a message travels as this.
 * `key` is unique and its content never changes.
 */
export const blobRefSchema = z.object({
  blob: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[A-Za-z0-9_./=-]+$/, { error: 'a blob key has only A-Z a-z 0-9 _ . / = -' }),
  /** Bytes. */
  size: z.int().nonnegative(),
  /** Lower-case hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  contentType: z.string().min(1).max(128),
  /** File name for people, if it had one. */
  name: z.string().max(256).optional(),
})
export type BlobRef = z.infer<typeof blobRefSchema>

/**
 * A JSON value that lies in the object store: `{ "$json": BlobRef }`. The agent runner writes these for large outputs and
 * resolves them in inputs, so handlers never see them; clients may write them into what they submit. Only an object of exactly
 * this form is one: any other that has a key `$json` is data.
 */
export const jsonBlobSchema = z.strictObject({
  $json: blobRefSchema,
  /** Only this part of the value is meant: keys and indices from the top. */
  path: z.array(z.string()).optional(),
  /** What is stored is data as it stands there: what looks like a reference in it is none. */
  verbatim: z.literal(true).optional(),
})
export type JsonBlob = z.infer<typeof jsonBlobSchema>

export const blobRefExample: BlobRef = {
  blob: 'uploads/2f6c1d/sales.csv',
  size: 1834,
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  contentType: 'text/csv',
  name: 'sales.csv',
}
