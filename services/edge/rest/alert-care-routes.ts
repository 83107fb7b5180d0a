import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { JsonObject } from '#schemas/json.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { addRoute } from './add-route.ts'
import { numberOf, readJsonObject, readQuery, searchOf, timeOf } from './read-request.ts'

const LIST_REVIEWS = ['camera', 'severity', 'reviewedBy', 'notReviewedBy', 'since', 'limit', 'cursor']
const LIST_SNOOZES = ['camera', 'ended']
const CHANGES = { acknowledge: 'acknowledged', resolve: 'resolved' } as const
/** Of what a client names, in the audit log. */
const MAX_TARGET = 256

/** Many alerts at once, `/v1/reviews` and `/v1/snoozes`. */
export function addAlertCareRoutes(app: FastifyInstance, { alertCare }: Gateway): void {
  for (const [verb, status] of Object.entries(CHANGES)) {
    const change: RouteHandlerMethod = (request) => {
      const body = bodyOf(request, ({ ids, filter }) => ids ?? filter)
      return alertCare.changeAlerts(request.caller, { ...body, status })
    }
    addRoute(app, 'changeAlerts', change, { operationId: `${verb}Alerts` })
  }
  addRoute(app, 'listReviews', ({ url, caller }) => alertCare.listReviews(caller.tenant, reviewsRequest(url)))
  addRoute(app, 'getReview', ({ params, caller }) => alertCare.getReview(caller.tenant, params as object))
  addRoute(app, 'markReviews', (request) =>
    alertCare.markReviews(
      request.caller,
      bodyOf(request, ({ ids }) => ids),
    ),
  )
  addRoute(app, 'addSnooze', async (request, reply) => {
    const body = bodyOf(request, ({ camera, rule }) => ({ camera, rule }))
    return reply.code(201).send(await alertCare.addSnooze(request.caller, body))
  })
  addRoute(app, 'listSnoozes', ({ url, caller }) => {
    const { ended, ...same } = readQuery(searchOf({ url }), LIST_SNOOZES).single
    const wanted = ended === undefined ? {} : { ended: booleanOf(ended) }
    return alertCare.listSnoozes(caller.tenant, { ...same, ...wanted })
  })
  addRoute(app, 'endSnooze', ({ body, params, caller }) =>
    alertCare.endSnooze(caller, { ...readJsonObject(body), ...(params as object) }),
  )
}

function reviewsRequest(url: string): JsonObject {
  const { since, limit, ...same } = readQuery(searchOf({ url }), LIST_REVIEWS).single
  return {
    ...same,
    ...(since !== undefined && { sinceMs: timeOf('since', since) }),
    ...(limit !== undefined && { limit: numberOf(limit) ?? limit }),
  }
}

/** What it is not is left for the schema to refuse. */
function booleanOf(text: string): boolean | string {
  return text === 'true' || (text === 'false' ? false : text)
}

/** What is changed stands in the audit log. */
function bodyOf(request: FastifyRequest, target: (body: JsonObject) => unknown): JsonObject {
  const body = readJsonObject(request.body)
  request.target = JSON.stringify(target(body) ?? {}).slice(0, MAX_TARGET)
  return body
}
