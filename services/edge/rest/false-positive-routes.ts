import type { FastifyInstance } from 'fastify'
import { checkRequest } from '#platform/requests/check-request.ts'
import {
  listFalsePositivesRequestSchema,
  markFalsePositiveRequestSchema,
  removeFalsePositiveRequestSchema,
} from '#schemas/false-positive.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { addRoute } from './add-route.ts'
import { readJsonObject, readQuery, searchOf } from './read-request.ts'

/** `/v1/alerts/{id}/not-this` and `/v1/false-positives` */
export function addFalsePositiveRoutes(app: FastifyInstance, { gateway }: { gateway: Gateway }): void {
  addRoute(app, 'markFalsePositive', async ({ body, params, caller }, reply) => {
    const request = checkRequest(markFalsePositiveRequestSchema, {
      ...readJsonObject(body),
      ...(params as object),
    })
    return reply
      .status(201)
      .send({ falsePositive: await gateway.alertCare.markFalsePositive(caller.tenant, request) })
  })
  addRoute(app, 'listFalsePositives', ({ url, caller }) => {
    const { single } = readQuery(searchOf({ url }), ['camera'])
    return gateway.alertCare.falsePositives(
      caller.tenant,
      checkRequest(listFalsePositivesRequestSchema, single),
    )
  })
  addRoute(app, 'removeFalsePositive', async ({ params, caller }) => {
    const { id } = checkRequest(removeFalsePositiveRequestSchema, params)
    return { falsePositive: await gateway.alertCare.removeFalsePositive(caller.tenant, id) }
  })
}
