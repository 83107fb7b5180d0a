import type { FastifyInstance } from 'fastify'
import type { JsonObject } from '#schemas/json.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { addRoute } from './add-route.ts'
import { numberOf, readJsonObject, readQuery, searchOf, timeOf } from './read-request.ts'

const LIST = ['camera', 'alert', 'review', 'by', 'text', 'since', 'before', 'limit', 'cursor']
/** Of what a client names, in the audit log. */
const MAX_TARGET = 256

/** `/v1/bookmarks` */
export function addBookmarkRoutes(app: FastifyInstance, { alertCare }: Gateway): void {
  addRoute(app, 'addBookmark', async (request, reply) => {
    const body = readJsonObject(request.body)
    const { alert, review, camera } = body
    request.target = String(alert ?? review ?? camera ?? '').slice(0, MAX_TARGET)
    return reply.code(201).send(await alertCare.addBookmark(request.caller, body))
  })
  addRoute(app, 'listBookmarks', ({ url, caller }) =>
    alertCare.listBookmarks(caller.tenant, listRequest(url)),
  )
  addRoute(app, 'removeBookmark', ({ params, caller }) => alertCare.removeBookmark(caller, params as object))
}

function listRequest(url: string): JsonObject {
  const { since, before, limit, ...same } = readQuery(searchOf({ url }), LIST).single
  return {
    ...same,
    ...(since !== undefined && { sinceMs: timeOf('since', since) }),
    ...(before !== undefined && { beforeMs: timeOf('before', before) }),
    ...(limit !== undefined && { limit: numberOf(limit) ?? limit }),
  }
}
