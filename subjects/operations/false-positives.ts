import {
  falsePositiveExample,
  falsePositiveResponseSchema,
  listFalsePositivesRequestSchema,
  listFalsePositivesResponseSchema,
  markFalsePositiveRequestSchema,
  removeFalsePositiveRequestSchema,
} from '#schemas/false-positive.ts'
import { ALERT } from './examples.ts'
import { ALERTING } from './micro-services.ts'
import { message, onNats } from './operation.ts'
import { fields, id, list, query, ref, TOKEN } from './rest-route.ts'

const ONE = fields({ falsePositive: ref('FalsePositive') })

/** What cameras take for something that it is not, learned from alerts. */
export const FALSE_POSITIVE_OPERATIONS = {
  markFalsePositive: onNats({
    summary: 'What an alert is about is none: what stands there and looks like it is not told again.',
    subject: 'murmur.false-positives.mark',
    service: ALERTING,
    per: 'tenant',
    request: message('MarkFalsePositive', markFalsePositiveRequestSchema, { id: ALERT.id, by: 'anna' }),
    response: message('MarkedFalsePositive', falsePositiveResponseSchema, {
      falsePositive: falsePositiveExample,
    }),
    scope: 'alerts:write',
    isChange: true,
    errors: ['ALERT_NOT_FOUND', 'LIMIT_EXCEEDED'],
    grpc: ['AlertService.MarkFalsePositive'],
    rest: [
      {
        method: 'POST',
        path: '/v1/alerts/{id}/not-this',
        tag: 'Alerts',
        summary: 'Say that what an alert is about is none',
        description:
          'The alert is resolved. What appears in its place, looks like it and never moves raises no alert of this camera again, in any monitor, until it is removed. It is counted instead.',
        parameters: [{ ...id('alert'), schema: { type: 'string', minLength: 1, maxLength: 128 } }],
        body: { schema: ref('MarkFalsePositive'), isOptional: true },
        answers: [{ status: 201, about: 'It is learned.', schema: ONE }],
      },
    ],
  }),
  listFalsePositives: onNats({
    summary: 'Learned false positives, the last marked first, and how often each was seen since.',
    subject: 'murmur.false-positives.list',
    service: ALERTING,
    per: 'tenant',
    request: message('ListFalsePositives', listFalsePositivesRequestSchema, { camera: 'yard' }),
    response: message('FalsePositives', listFalsePositivesResponseSchema, {
      falsePositives: [{ ...falsePositiveExample, suppressed: 60, lastSuppressedAtMs: 1_790_003_600_000 }],
    }),
    scope: 'alerts:read',
    grpc: ['AlertService.ListFalsePositives'],
    rest: [
      {
        method: 'GET',
        path: '/v1/false-positives',
        tag: 'Alerts',
        summary: 'List learned false positives',
        parameters: [query('camera', 'Only of this one.', TOKEN)],
        answers: [
          {
            status: 200,
            about: 'All of them.',
            schema: fields({
              falsePositives: list(ref('CountedFalsePositive')),
              more: { type: 'boolean' },
            }),
          },
        ],
      },
    ],
  }),
  removeFalsePositive: onNats({
    summary: 'A learned false positive is to be told again.',
    subject: 'murmur.false-positives.remove',
    service: ALERTING,
    per: 'tenant',
    request: message('RemoveFalsePositive', removeFalsePositiveRequestSchema, {
      id: falsePositiveExample.id,
    }),
    response: message('RemovedFalsePositive', falsePositiveResponseSchema, {
      falsePositive: falsePositiveExample,
    }),
    scope: 'alerts:write',
    isChange: true,
    errors: ['FALSE_POSITIVE_NOT_FOUND'],
    grpc: ['AlertService.RemoveFalsePositive'],
    rest: [
      {
        method: 'DELETE',
        path: '/v1/false-positives/{id}',
        tag: 'Alerts',
        summary: 'Forget a learned false positive',
        parameters: [id('false positive')],
        answers: [{ status: 200, about: 'What it was.', schema: ONE }],
      },
    ],
  }),
} as const
