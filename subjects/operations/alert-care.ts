import { changeAlertsRequestSchema, changeAlertsResponseSchema } from '#schemas/alert-changes.ts'
import {
  getReviewRequestSchema,
  getReviewResponseSchema,
  listReviewsRequestSchema,
  listReviewsResponseSchema,
  markReviewsRequestSchema,
  markReviewsResponseSchema,
  reviewExample,
} from '#schemas/review.ts'
import {
  addSnoozeRequestSchema,
  endSnoozeRequestSchema,
  listSnoozesRequestSchema,
  listSnoozesResponseSchema,
  snoozeExample,
  snoozeResponseSchema,
} from '#schemas/snooze.ts'
import { ALERT } from './examples.ts'
import { ALERTING } from './micro-services.ts'
import { message, onNats } from './operation.ts'
import { CURSOR, fields, id, idOf, list, MOMENT, query, type RestRoute, ref } from './rest-route.ts'

const CAMERA = { type: 'string', maxLength: 64 }
const PERSON = { type: 'string', minLength: 1, maxLength: 256 }
const SEVERITY = { enum: ['critical', 'high', 'medium', 'low'] }
const ONE_SNOOZE = fields({ snooze: ref('Snooze') })

/** What people do about many alerts: in bulk, as review items, and by not wanting to hear of a camera for a while. */
export const ALERT_CARE_OPERATIONS = {
  changeAlerts: onNats({
    summary:
      'Somebody takes care of many alerts, or they are over: single ones, or those that a filter finds.',
    subject: 'murmur.alerts.change-many',
    service: ALERTING,
    per: 'tenant',
    request: message('ChangeAlerts', changeAlertsRequestSchema, {
      status: 'resolved',
      filter: { camera: 'yard', status: 'open' },
      dryRun: true,
    }),
    response: message('ChangedAlerts', changeAlertsResponseSchema, {
      results: [{ id: ALERT.id, camera: 'yard', severity: 'critical', status: 'open', outcome: 'planned' }],
    }),
    scope: 'alerts:write',
    isChange: true,
    grpc: ['AlertService.AcknowledgeAlerts', 'AlertService.ResolveAlerts'],
    rest: [
      changeRoute('acknowledge', 'Say that somebody takes care of many alerts'),
      changeRoute('resolve', 'Say that many alerts are over'),
    ],
  }),
  listReviews: onNats({
    summary: 'Review items: alerts of one camera that overlap are one; newest first, page by page.',
    subject: 'murmur.reviews.list',
    service: ALERTING,
    per: 'tenant',
    request: message('ListReviews', listReviewsRequestSchema, { camera: 'yard', notReviewedBy: 'anna' }),
    response: message('Reviews', listReviewsResponseSchema, { reviews: [reviewExample] }),
    scope: 'alerts:read',
    grpc: ['AlertService.ListReviews'],
    rest: [
      {
        method: 'GET',
        path: '/v1/reviews',
        tag: 'Alerts',
        summary: 'List review items, newest first, page by page',
        parameters: [
          query('camera', 'Only of this one.', CAMERA),
          query('severity', 'Only those whose highest is this.', SEVERITY),
          query('reviewedBy', 'Only those that this person has reviewed.', PERSON),
          query('notReviewedBy', 'Only those that this person has not.', PERSON),
          query('since', 'First heard of then or later: RFC 3339 or Unix milliseconds.', MOMENT),
          query('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 200, default: 50 }),
          query('cursor', 'nextCursor of the last page.', CURSOR),
        ],
        answers: [
          {
            status: 200,
            about: 'One page.',
            schema: fields({ reviews: list(ref('Review')), nextCursor: { type: 'string' } }),
          },
        ],
      },
    ],
  }),
  getReview: onNats({
    summary: 'One review item with its alerts.',
    subject: 'murmur.reviews.get',
    service: ALERTING,
    per: 'tenant',
    request: message('GetReview', getReviewRequestSchema, { id: reviewExample.id }),
    response: message('ReviewWithAlerts', getReviewResponseSchema, {
      review: reviewExample,
      alerts: [ALERT],
    }),
    scope: 'alerts:read',
    errors: ['REVIEW_NOT_FOUND'],
    grpc: ['AlertService.GetReview'],
    rest: [
      {
        method: 'GET',
        path: '/v1/reviews/{id}',
        tag: 'Alerts',
        summary: 'Get a review item with its alerts',
        parameters: [{ ...id('review item'), schema: idOf('r') }],
        answers: [
          {
            status: 200,
            about: 'As it is now.',
            schema: fields({ review: ref('Review'), alerts: list(ref('Alert')) }),
          },
        ],
      },
    ],
  }),
  markReviews: onNats({
    summary: 'One person has looked at review items, or takes that back.',
    subject: 'murmur.reviews.mark',
    service: ALERTING,
    per: 'tenant',
    request: message('MarkReviews', markReviewsRequestSchema, { ids: [reviewExample.id], by: 'anna' }),
    response: message('MarkedReviews', markReviewsResponseSchema, {
      results: [{ id: reviewExample.id, outcome: 'done', review: reviewExample }],
    }),
    scope: 'alerts:write',
    isChange: true,
    grpc: ['AlertService.MarkReviews'],
    rest: [
      {
        method: 'POST',
        path: '/v1/reviews/mark',
        tag: 'Alerts',
        summary: 'Say that review items have been looked at',
        body: { schema: ref('MarkReviews'), example: { ids: [reviewExample.id], by: 'anna' } },
        answers: [
          {
            status: 200,
            about: 'What became of each.',
            schema: fields({ results: list(ref('MarkedReview')) }),
          },
        ],
      },
    ],
  }),
  addSnooze: onNats({
    summary: 'For a while no sink is told of what a camera, or one rule of it, raises.',
    subject: 'murmur.snoozes.add',
    service: ALERTING,
    per: 'tenant',
    request: message('AddSnooze', addSnoozeRequestSchema, {
      camera: 'yard',
      rule: 'gate-access',
      forMs: 3_600_000,
      by: 'anna',
      reason: 'The gate is being painted',
    }),
    response: message('Snoozed', snoozeResponseSchema, { snooze: snoozeExample }),
    scope: 'alerts:write',
    isChange: true,
    errors: ['LIMIT_EXCEEDED'],
    grpc: ['AlertService.AddSnooze'],
    rest: [
      {
        method: 'POST',
        path: '/v1/snoozes',
        tag: 'Alerts',
        summary: 'Snooze a camera, or one rule of it',
        body: {
          schema: ref('AddSnooze'),
          example: { camera: 'yard', forMs: 3_600_000, by: 'anna', reason: 'The gate is being painted' },
        },
        answers: [{ status: 201, about: 'It holds.', schema: ONE_SNOOZE }],
      },
    ],
  }),
  listSnoozes: onNats({
    summary: 'Snoozes that hold, the one that ends next first.',
    subject: 'murmur.snoozes.list',
    service: ALERTING,
    per: 'tenant',
    request: message('ListSnoozes', listSnoozesRequestSchema, { camera: 'yard' }),
    response: message('Snoozes', listSnoozesResponseSchema, { snoozes: [snoozeExample] }),
    scope: 'alerts:read',
    grpc: ['AlertService.ListSnoozes'],
    rest: [
      {
        method: 'GET',
        path: '/v1/snoozes',
        tag: 'Alerts',
        summary: 'List snoozes',
        parameters: [
          query('camera', 'Only of this one.', CAMERA),
          query('ended', 'With those that are over.', { type: 'boolean', default: false }),
        ],
        answers: [{ status: 200, about: 'All of them.', schema: fields({ snoozes: list(ref('Snooze')) }) }],
      },
    ],
  }),
  endSnooze: onNats({
    summary: 'Ends a snooze before its time.',
    subject: 'murmur.snoozes.end',
    service: ALERTING,
    per: 'tenant',
    request: message('EndSnooze', endSnoozeRequestSchema, { id: snoozeExample.id, by: 'anna' }),
    response: message('EndedSnooze', snoozeResponseSchema, {
      snooze: { ...snoozeExample, endedAtMs: 1_790_000_600_000, endedBy: 'anna' },
    }),
    scope: 'alerts:write',
    isChange: true,
    errors: ['SNOOZE_NOT_FOUND'],
    grpc: ['AlertService.EndSnooze'],
    rest: [
      {
        method: 'POST',
        path: '/v1/snoozes/{id}/end',
        tag: 'Alerts',
        summary: 'End a snooze before its time',
        parameters: [{ ...id('snooze'), schema: idOf('s') }],
        body: { schema: ref('EndSnooze'), isOptional: true },
        answers: [{ status: 200, about: 'It is over.', schema: ONE_SNOOZE }],
      },
    ],
  }),
} as const

function changeRoute(verb: 'acknowledge' | 'resolve', summary: string): RestRoute {
  return {
    operationId: `${verb}Alerts`,
    method: 'POST',
    path: `/v1/alerts/${verb}`,
    tag: 'Alerts',
    summary,
    body: {
      schema: ref('ChangeAlerts'),
      example: { filter: { camera: 'yard', status: 'open' }, dryRun: true },
    },
    answers: [
      {
        status: 200,
        about: 'What became of each.',
        schema: fields({ results: list(ref('ChangedAlert')), nextCursor: { type: 'string' } }),
      },
    ],
  }
}
