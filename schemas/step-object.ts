import { z } from 'zod'
import { blobRefSchema, mediaTypeSchema } from './blob.ts'
import { runIdSchema, taskIdSchema } from './identifiers.ts'
import { LIMITS } from './limits.ts'

/** The bytes of an object travel in pieces of this size, the last one is shorter. Below what servers take as one message by default. */
export const OBJECT_PIECE_BYTES = 128 * 1024
/** What stands before the bytes of a piece that is written. Bytes. */
export const OBJECT_PIECE_HEAD_BYTES = 1024
/** With pieces of 1 KiB at least, so that servers that take small messages only can be used. */
const MAX_PIECES = Math.ceil(LIMITS.blobBytes / 1024)

/** The attempt that an object is read or written for: it has to be out just now, and of the type of agent that asks. */
const attemptSchema = z.strictObject({
  taskId: taskIdSchema,
  stepId: runIdSchema,
  attempt: z.int().min(1),
  /** What stood in the step. */
  token: z.string().min(1).max(128).optional(),
})
/** The same of the service that raises alerts, which keeps pictures of them: for which monitor. */
const monitorSchema = z.strictObject({ monitor: taskIdSchema })
export const objectUserSchema = z.union([attemptSchema, monitorSchema])
export type ObjectUser = z.infer<typeof objectUserSchema>

const pieceSchema = z.int().min(0).max(MAX_PIECES)
/** Chosen by the agent, by chance for each object: pieces of one object come under one name. */
const uploadSchema = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/, {
  error: 'an upload is named by 16 to 64 characters of A-Z a-z 0-9 _ -, made by chance',
})
const sha256Schema = blobRefSchema.shape.sha256
const sizeSchema = z.int().min(0).max(LIMITS.blobBytes)

/** `murmur.objects.find.<agent>`: what is known of an object. */
export const findObjectRequestSchema = z.strictObject({
  for: objectUserSchema,
  key: blobRefSchema.shape.blob,
})
export type FindObjectRequest = z.infer<typeof findObjectRequestSchema>
export const foundObjectSchema = z.object({
  size: z.int().min(0),
  /** Lower-case hex. */
  sha256: z.string(),
  /** How many there are to be read. */
  pieces: z.int().min(0),
  contentType: z.string(),
  name: z.string().optional(),
})
export type FoundObject = z.infer<typeof foundObjectSchema>

/** `murmur.objects.read.<agent>`: one of its pieces, counted from 0. The answer is its bytes. */
export const readObjectPieceRequestSchema = findObjectRequestSchema.extend({ piece: pieceSchema })
export type ReadObjectPieceRequest = z.infer<typeof readObjectPieceRequestSchema>

/** `murmur.objects.write.<agent>`: this as one line of JSON, a line feed, and the bytes of the piece. */
export const writeObjectPieceHeadSchema = z.strictObject({
  for: objectUserSchema,
  upload: uploadSchema,
  piece: pieceSchema,
})

/** `murmur.objects.finish.<agent>`: all pieces are stored; from now on it is an object. */
export const finishObjectRequestSchema = z.strictObject({
  for: objectUserSchema,
  upload: uploadSchema,
  size: sizeSchema,
  sha256: sha256Schema,
  pieces: pieceSchema,
  contentType: mediaTypeSchema,
  name: z.string().max(256).optional(),
})
export type FinishObjectRequest = z.infer<typeof finishObjectRequestSchema>
export const finishedObjectSchema = z.object({ object: blobRefSchema })
export type FinishedObject = z.infer<typeof finishedObjectSchema>

const FOR = { taskId: 'kq3v9x', stepId: 'count', attempt: 1 }
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const UPLOAD = '2f6c1d0e9b7a4c58'
export const findObjectRequestExample: FindObjectRequest = { for: FOR, key: 'uploads/2f6c1d' }
export const foundObjectExample: FoundObject = {
  size: 1834,
  sha256: SHA256,
  pieces: 1,
  contentType: 'text/csv',
}
export const readObjectPieceRequestExample: ReadObjectPieceRequest = { ...findObjectRequestExample, piece: 0 }
/** Its head, a line feed, its bytes. */
export const writtenObjectPiece = `${JSON.stringify({ for: FOR, upload: UPLOAD, piece: 0 })}\nmonth,sales\n`
export const finishObjectRequestExample: FinishObjectRequest = {
  for: FOR,
  upload: UPLOAD,
  size: 12,
  sha256: SHA256,
  pieces: 1,
  contentType: 'text/csv',
}
export const finishedObjectExample: FinishedObject = {
  object: { blob: `tasks/kq3v9x/count/${UPLOAD}`, size: 12, sha256: SHA256, contentType: 'text/csv' },
}
