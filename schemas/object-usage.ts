import { z } from 'zod'
import { blobRefSchema } from './blob.ts'
import { tenantSchema } from './identifiers.ts'
import { LIMITS } from './limits.ts'

/** Made by chance for each upload: its pieces lie under it, and its key ends with it. */
const uploadSchema = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/, {
  error: 'an upload is named by 16 to 64 characters of A-Z a-z 0-9 _ -, made by chance',
})
const ofUpload = { tenant: tenantSchema, upload: uploadSchema }

/** `murmur.uploads.reserve`: room for so many bytes in all; again with more, or with the same while it goes on. */
export const reserveUploadRequestSchema = z.strictObject({
  ...ofUpload,
  bytes: z.int().min(0).max(LIMITS.blobBytes),
  /** It will be stored encrypted for its tenant: where the platform encrypts payloads no other is taken. */
  sealed: z.boolean().optional(),
})
/** `murmur.uploads.keep`: it is stored, and has this size. */
export const keepUploadRequestSchema = z.strictObject({
  ...ofUpload,
  size: z.int().min(0).max(LIMITS.blobBytes),
})
/** Unix ms: it is taken away then, unless a task refers to it. */
export const keptUploadSchema = z.object({ expiresAtMs: z.number() })
/** `murmur.uploads.release`: it is not stored, or nobody has been told of it. */
export const releaseUploadRequestSchema = z.strictObject(ofUpload)

/** `murmur.objects.delete` */
export const deleteObjectRequestSchema = z.strictObject({ key: blobRefSchema.shape.blob })
/** `deleted`: false when there was none. */
export const deletedObjectSchema = z.object({ key: z.string(), deleted: z.boolean() })
export type DeletedObject = z.infer<typeof deletedObjectSchema>

/** What is counted of something, and how much may be; 0: no limit. */
const countSchema = z.object({ used: z.int().min(0), limit: z.int().min(0) })
/** `murmur.usage.get`: what a tenant has of what is limited. */
export const usageSchema = z.object({
  /** Tasks in flight. */
  tasks: countSchema,
  /** Cameras that tasks in flight may hold. Absent: an orchestrator of an earlier version answers. */
  cameras: countSchema.optional(),
  /** Bytes in the object store: stored, and set aside for what is being written. */
  objectBytes: countSchema,
  /** How long an upload is kept that no task refers to. Milliseconds. */
  uploadTtlMs: z.int().min(0),
})
export type Usage = z.infer<typeof usageSchema>
export const getUsageResponseSchema = z.object({ usage: usageSchema })

export const UPLOAD_EXAMPLE = '2f6c1d0e-9b7a-4c58-8d21-0c9c8a1f7e55'
export const usageExample: Usage = {
  tasks: { used: 12, limit: 50_000 },
  cameras: { used: 3, limit: 32 },
  objectBytes: { used: 734_003_200, limit: 1_879_048_192 },
  uploadTtlMs: 86_400_000,
}
