import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { JsonValue } from '#schemas/json.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { addRoute } from './add-route.ts'
import { numberOf, readJsonObject, readQuery, searchOf } from './read-request.ts'

const MAX_TARGET = 128

/** `/v1/templates` */
export function addTemplateRoutes(app: FastifyInstance, { templates }: Gateway): void {
  addRoute(app, 'putTemplate', async (request) => {
    const body = readJsonObject(request.body)
    // What is changed stands in the audit log.
    request.target = String(body.name).slice(0, MAX_TARGET)
    const answer = await templates.put(request.caller.tenant, body)
    request.target = `${answer.template.name}@${answer.template.version}`
    return answer
  })
  addRoute(app, 'listTemplates', (request) => {
    const { limit, ...same } = readQuery(searchOf(request), ['limit', 'cursor']).single
    return templates.list(request.caller.tenant, {
      ...same,
      ...(limit !== undefined && { limit: numberOf(limit) as JsonValue }),
    })
  })
  addRoute(app, 'getTemplate', (request) => {
    const { version } = readQuery(searchOf(request), ['version']).single
    return templates.get(request.caller.tenant, {
      name: nameOf(request),
      ...(version !== undefined && { version: numberOf(version) as JsonValue }),
    })
  })
  addRoute(app, 'deleteTemplate', (request) => {
    const body = { ...readJsonObject(request.body), name: nameOf(request) }
    request.target = body.name.slice(0, MAX_TARGET)
    return templates.delete(request.caller.tenant, body)
  })
}

function nameOf({ params }: FastifyRequest): string {
  return (params as { name: string }).name
}
