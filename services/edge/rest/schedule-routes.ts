import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { JsonObject } from '#schemas/json.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { addRoute } from './add-route.ts'
import { numberOf, readJsonObject, readQuery, searchOf } from './read-request.ts'

const NAMED = ['deleteSchedule', 'pauseSchedule', 'resumeSchedule', 'triggerSchedule'] as const
const MAX_TARGET = 256

/** `/v1/schedules` */
export function addScheduleRoutes(app: FastifyInstance, { schedules }: Gateway): void {
  addRoute(app, 'putSchedule', (request) => {
    const body = readJsonObject(request.body)
    isAbout(request, body.name)
    return schedules.ask(request.caller.tenant, 'putSchedule', body)
  })
  addRoute(app, 'listSchedules', (request) =>
    schedules.ask(request.caller.tenant, 'listSchedules', listRequest(request)),
  )
  addRoute(app, 'getSchedule', (request) =>
    schedules.ask(request.caller.tenant, 'getSchedule', { name: nameOf(request) }),
  )
  for (const operation of NAMED)
    addRoute(app, operation, (request) => {
      const name = nameOf(request)
      isAbout(request, name)
      return schedules.ask(request.caller.tenant, operation, { ...readJsonObject(request.body), name })
    })
  addRoute(app, 'previewSchedule', (request) =>
    schedules.ask(request.caller.tenant, 'previewSchedule', readJsonObject(request.body)),
  )
}

function listRequest(request: FastifyRequest): JsonObject {
  const { limit, ...same } = readQuery(searchOf(request), ['limit', 'cursor']).single
  return { ...same, ...(limit !== undefined && { limit: numberOf(limit) ?? limit }) }
}

function nameOf({ params }: FastifyRequest): string {
  return (params as { name: string }).name
}

/** What is changed stands in the audit log. */
function isAbout(request: FastifyRequest, name: unknown): void {
  if (typeof name === 'string') request.target = name.slice(0, MAX_TARGET)
}
