import type { Operation } from './operation.ts'
import { fields, header, query, ref } from './rest-route.ts'

/** What is too big for a message goes through an edge, which knows whose it is, or straight to the object store. */
export const OBJECT_OPERATIONS = {
  putObject: {
    summary: 'Upload what is too big for a submission',
    scope: 'objects:write',
    isChange: true,
    errors: ['PAYLOAD_TOO_LARGE'],
    grpc: ['ObjectService.UploadObject'],
    rest: [
      {
        method: 'POST',
        path: '/v1/objects',
        tag: 'Objects',
        summary: 'Upload what is too big for a submission, up to 4 GiB',
        parameters: [query('name', 'File name, for people.')],
        body: { type: '*/*', schema: { type: 'string', format: 'binary' } },
        answers: [
          { status: 201, about: 'It is kept for 7 days.', schema: fields({ object: ref('BlobRef') }) },
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
          { name: 'key', in: 'path', about: 'Its key, with slashes as they are.', isRequired: true },
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
} as const satisfies Record<string, Operation>
