import { z } from 'zod'
import { getIntegrityResponseSchema, integrityViewExample } from '#schemas/integrity.ts'
import { ORCHESTRATOR } from './micro-services.ts'
import { message, onNats } from './operation.ts'
import { fields, ref } from './rest-route.ts'

/** What the auditor of the log has found. For operators: it names tasks of all tenants. */
export const INTEGRITY_OPERATIONS = {
  getIntegrity: onNats({
    summary:
      'What the auditor of the log has found: tasks that were lost or doubled, and every other rule that was broken. For operators.',
    subject: 'murmur.integrity.get',
    isRepeatable: true,
    service: ORCHESTRATOR,
    maxRequestBytes: 1024,
    request: message('GetIntegrity', z.strictObject({}), {}),
    response: message('Integrity', getIntegrityResponseSchema, { integrity: integrityViewExample }),
    scope: 'policies:read',
    grpc: ['SystemService.GetIntegrity'],
    rest: [
      {
        method: 'GET',
        path: '/v1/integrity',
        tag: 'System',
        summary: 'What the auditor of the log has found: tasks that were lost or doubled',
        answers: [
          {
            status: 200,
            about: 'What is known. Without `integrity`: nobody audits yet.',
            schema: fields({ integrity: ref('Integrity') }),
          },
        ],
      },
    ],
  }),
} as const
