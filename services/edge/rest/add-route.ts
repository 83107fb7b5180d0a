import type { FastifyInstance, RouteHandlerMethod } from 'fastify'
import { type EdgeOperationName, type OperationRoute, REST_ROUTES } from '#subjects/operations.ts'
import { refuseMethod } from './known-paths.ts'

/**
 * Serves an operation where the catalogue says: its method and its path, `{id}` a parameter and `{key}` all that follows.
 * @param operation its name, or a route that is not in the catalogue
 * @param options.operationId one of its routes, where it has several
 * @param options.head what answers HEAD, where the framework's own would make a whole answer and throw it away
 */
export function addRoute(
  app: FastifyInstance,
  operation: EdgeOperationName | OperationRoute,
  handler: RouteHandlerMethod,
  { operationId, head }: { operationId?: string; head?: RouteHandlerMethod } = {},
): void {
  const route = typeof operation === 'string' ? routeOf(operation, operationId ?? operation) : operation
  const url = route.path.replace('{key}', '*').replace(/\{(\w+)\}/g, ':$1')
  const config = { operation: route.operation as EdgeOperationName }
  const isStream = route.answers.some(({ type }) => type === 'text/event-stream')
  app.route({ method: route.method, url, config, exposeHeadRoute: !isStream && !head, handler })
  if (head) app.head(url, { config }, head)
  // Asked for its head only, a stream would never end.
  if (isStream)
    app.head(url, { config: { isRefused: true } }, (request, reply) => refuseMethod(request, reply, ['GET']))
}

/** @throws TypeError when the operation has no such route */
function routeOf(operation: EdgeOperationName, operationId: string): OperationRoute {
  const route = REST_ROUTES.find((one) => one.operation === operation && one.operationId === operationId)
  if (!route) throw new TypeError(`operation ${operation} has no route "${operationId}"`)
  return route
}
