import { z } from 'zod'
import {
  findObjectRequestExample,
  findObjectRequestSchema,
  finishedObjectExample,
  finishedObjectSchema,
  finishObjectRequestExample,
  finishObjectRequestSchema,
  foundObjectExample,
  foundObjectSchema,
  OBJECT_PIECE_BYTES,
  OBJECT_PIECE_HEAD_BYTES,
  readObjectPieceRequestExample,
  readObjectPieceRequestSchema,
  writtenObjectPiece,
} from '#schemas/step-object.ts'
import { ORCHESTRATOR } from './micro-services.ts'
import { type MessageSpec, message, onNats } from './operation.ts'

const MAX_REQUEST_BYTES = 4096

/** Objects that steps read and write: agents can't reach the object store itself. */
export const STEP_OBJECT_OPERATIONS = {
  findObject: onNats({
    summary: 'An agent looks an object up, for a step that it runs; on murmur.objects.find.<agent>.',
    subject: 'murmur.objects.find',
    service: ORCHESTRATOR,
    per: 'agent',
    maxRequestBytes: MAX_REQUEST_BYTES,
    request: message('FindObject', findObjectRequestSchema, findObjectRequestExample),
    response: message('FoundObject', foundObjectSchema, foundObjectExample),
    errors: ['BLOB_NOT_FOUND', 'PERMISSION_DENIED'],
  }),
  readObjectPiece: onNats({
    summary: 'An agent reads one piece of an object; on murmur.objects.read.<agent>.',
    subject: 'murmur.objects.read',
    service: ORCHESTRATOR,
    per: 'agent',
    maxRequestBytes: MAX_REQUEST_BYTES,
    request: message('ReadObjectPiece', readObjectPieceRequestSchema, readObjectPieceRequestExample),
    response: bytes('ObjectPiece', 'month,sales\n'),
    errors: ['BLOB_NOT_FOUND', 'BLOB_CORRUPT', 'PERMISSION_DENIED'],
  }),
  writeObjectPiece: onNats({
    summary:
      'An agent stores one piece of an object: a line of JSON that says for which step, of which upload and which piece, then its bytes; on murmur.objects.write.<agent>.',
    subject: 'murmur.objects.write',
    service: ORCHESTRATOR,
    per: 'agent',
    isRaw: true,
    maxRequestBytes: OBJECT_PIECE_BYTES + OBJECT_PIECE_HEAD_BYTES,
    request: bytes('WriteObjectPiece', writtenObjectPiece),
    response: message('ObjectPieceStored', z.object({ ok: z.literal(true) }), { ok: true }),
    errors: ['OVERLOADED', 'PAYLOAD_TOO_LARGE', 'PERMISSION_DENIED'],
  }),
  finishObject: onNats({
    summary:
      'All pieces of an object are stored; from now on it can be read. On murmur.objects.finish.<agent>.',
    subject: 'murmur.objects.finish',
    service: ORCHESTRATOR,
    per: 'agent',
    maxRequestBytes: MAX_REQUEST_BYTES,
    request: message('FinishObject', finishObjectRequestSchema, finishObjectRequestExample),
    response: message('FinishedObject', finishedObjectSchema, finishedObjectExample),
    errors: ['OVERLOADED', 'PERMISSION_DENIED'],
  }),
} as const

function bytes(name: string, example: string): MessageSpec<z.ZodString> {
  return { name, schema: z.string(), example, contentType: 'application/octet-stream' }
}
