import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { JsonObject } from '#schemas/json.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { addRoute } from './add-route.ts'
import { numberOf, readJsonObject, readQuery, searchOf, timeOf } from './read-request.ts'

const LIST_PARAMETERS = ['agent', 'taskType', 'code', 'createdFrom', 'createdBefore', 'limit', 'cursor']

/** `/v1/dead-letters` */
export function addDeadLetterRoutes(app: FastifyInstance, { deadLetters }: Gateway): void {
  addRoute(app, 'listDeadLetters', ({ url, caller }) => deadLetters.list(caller.tenant, listRequest(url)))
  addRoute(app, 'getDeadLetter', ({ params, caller }) => {
    const { seq } = params as { seq: string }
    return deadLetters.get(caller.tenant, { seq: numberOf(seq) })
  })
  addRoute(app, 'replayDeadLetters', (request) =>
    deadLetters.replay(request.caller.tenant, changeRequest(request)),
  )
  addRoute(app, 'purgeDeadLetters', (request) =>
    deadLetters.purge(request.caller.tenant, changeRequest(request)),
  )
}

function listRequest(url: string): JsonObject {
  const { createdFrom, createdBefore, limit, ...same } = readQuery(searchOf({ url }), LIST_PARAMETERS).single
  return {
    ...same,
    ...(createdFrom !== undefined && { createdFromMs: timeOf('createdFrom', createdFrom) }),
    ...(createdBefore !== undefined && { createdBeforeMs: timeOf('createdBefore', createdBefore) }),
    ...(limit !== undefined && { limit: numberOf(limit) ?? limit }),
  }
}

/** What is changed stands in the audit log. */
function changeRequest(request: FastifyRequest): JsonObject {
  const body = readJsonObject(request.body)
  request.target = JSON.stringify(body.seqs ?? body.filter ?? {}).slice(0, MAX_TARGET)
  return body
}

const MAX_TARGET = 256
