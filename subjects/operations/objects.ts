import { z } from 'zod'
import {
  deletedObjectSchema,
  deleteObjectRequestSchema,
  getUsageResponseSchema,
  keepUploadRequestSchema,
  keptUploadSchema,
  releaseUploadRequestSchema,
  reserveUploadRequestSchema,
  UPLOAD_EXAMPLE,
  usageExample,
} from '#schemas/object-usage.ts'
import { ORCHESTRATOR } from './micro-services.ts'
import { message, type Operation, onNats } from './operation.ts'
import { fields, header, query, type RestParameter, ref } from './rest-route.ts'

const SMALL_BYTES = 4096
const KEY: RestParameter = {
  name: 'key',
  in: 'path',
  about: 'Its key, with slashes as they are.',
  schema: { type: 'string', pattern: '^[A-Za-z0-9_./=-]{1,256}$' },
  isRequired: true,
}
const KEY_EXAMPLE = `uploads/${UPLOAD_EXAMPLE}`

/** What is too big for a message goes through an edge, which knows whose it is, or straight to the object store. */
export const OBJECT_OPERATIONS = {
  putObject: {
    summary: 'Upload what is too big for a submission',
    scope: 'objects:write',
    isChange: true,
    errors: ['PAYLOAD_TOO_LARGE', 'QUOTA_EXCEEDED', 'OVERLOADED'],
    grpc: ['ObjectService.UploadObject'],
    rest: [
      {
        method: 'POST',
        path: '/v1/objects',
        tag: 'Objects',
        summary: 'Upload what is too big for a submission, up to 4 GiB',
        parameters: [
          query('name', 'File name, for people.', { type: 'string', minLength: 1, maxLength: 256 }),
        ],
        body: { type: '*/*', schema: { type: 'string', format: 'binary' } },
        answers: [
          {
            status: 201,
            about:
              'It is kept until `expiresAtMs` (Unix ms), and for longer as long as a task that refers to it is there.',
            schema: fields({ object: ref('BlobRef'), expiresAtMs: { type: 'number' } }),
          },
        ],
      },
    ],
  },
  getObject: {
    summary: 'Fetch an upload, or what a task made',
    scope: 'objects:read',
    errors: ['BLOB_NOT_FOUND'],
    grpc: ['ObjectService.DownloadObject'],
    rest: [
      {
        method: 'GET',
        path: '/v1/objects/{key}',
        tag: 'Objects',
        parameters: [
          KEY,
          query('display', '`inline`: to be shown in a page of the edge, where nothing of it can run.', {
            type: 'string',
            enum: ['inline', 'attachment'],
            default: 'attachment',
          }),
          header('If-None-Match', 'ETag of what you have.'),
        ],
        answers: [
          {
            status: 200,
            about: 'Its bytes, with its own media type.',
            type: 'application/octet-stream',
            schema: { type: 'string', format: 'binary' },
          },
          { status: 304, about: 'You have it.' },
        ],
      },
    ],
  },
  deleteObject: onNats({
    summary: 'Delete an upload, or an object of a task that has ended; again does no harm',
    subject: 'murmur.objects.delete',
    service: ORCHESTRATOR,
    per: 'tenant',
    maxRequestBytes: SMALL_BYTES,
    request: message('DeleteObject', deleteObjectRequestSchema, { key: KEY_EXAMPLE }),
    response: message('ObjectDeleted', deletedObjectSchema, { key: KEY_EXAMPLE, deleted: true }),
    scope: 'objects:write',
    isChange: true,
    errors: ['BLOB_NOT_FOUND', 'OBJECT_IN_USE'],
    grpc: ['ObjectService.DeleteObject'],
    rest: [
      {
        method: 'DELETE',
        path: '/v1/objects/{key}',
        tag: 'Objects',
        parameters: [KEY],
        answers: [
          {
            status: 200,
            about: 'It is gone; `deleted` is false when it was before.',
            schema: fields({ key: { type: 'string' }, deleted: { type: 'boolean' } }),
          },
        ],
      },
    ],
  }),
  getUsage: onNats({
    summary: 'What the tenant uses of what is limited: tasks in flight, bytes of objects.',
    subject: 'murmur.usage.get',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    maxRequestBytes: SMALL_BYTES,
    request: message('GetUsage', z.strictObject({}), {}),
    response: message('Usage', getUsageResponseSchema, { usage: usageExample }),
    scope: 'objects:read',
    grpc: ['ObjectService.GetUsage'],
    rest: [
      {
        method: 'GET',
        path: '/v1/usage',
        tag: 'Objects',
        answers: [{ status: 200, about: 'What is used, of what.', schema: fields({ usage: ref('Usage') }) }],
      },
    ],
  }),
} as const satisfies Record<string, Operation>

/** How whoever stores uploads has them counted: edges, and the command line of operators. */
export const UPLOAD_OPERATIONS = {
  reserveUpload: onNats({
    summary: 'Room for an upload of a tenant, or for more of it; once a minute while it goes on.',
    subject: 'murmur.uploads.reserve',
    isRepeatable: true,
    service: ORCHESTRATOR,
    maxRequestBytes: SMALL_BYTES,
    request: message('ReserveUpload', reserveUploadRequestSchema, {
      tenant: 'default',
      upload: UPLOAD_EXAMPLE,
      bytes: 1834,
    }),
    response: message('UploadReserved', z.object({ ok: z.literal(true) }), { ok: true }),
    errors: ['QUOTA_EXCEEDED'],
  }),
  keepUpload: onNats({
    summary: 'An upload is stored: from now on it is an object of its tenant.',
    subject: 'murmur.uploads.keep',
    isRepeatable: true,
    service: ORCHESTRATOR,
    maxRequestBytes: SMALL_BYTES,
    request: message('KeepUpload', keepUploadRequestSchema, {
      tenant: 'default',
      upload: UPLOAD_EXAMPLE,
      size: 1834,
    }),
    response: message('UploadKept', keptUploadSchema, { expiresAtMs: 1_790_086_400_000 }),
  }),
  releaseUpload: onNats({
    summary: 'An upload has failed, or nobody has been told of it: its room is given back.',
    subject: 'murmur.uploads.release',
    isRepeatable: true,
    service: ORCHESTRATOR,
    maxRequestBytes: SMALL_BYTES,
    request: message('ReleaseUpload', releaseUploadRequestSchema, {
      tenant: 'default',
      upload: UPLOAD_EXAMPLE,
    }),
    response: message('UploadReleased', z.object({ ok: z.literal(true) }), { ok: true }),
  }),
} as const satisfies Record<string, Operation>
