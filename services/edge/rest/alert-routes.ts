import type { FastifyInstance } from 'fastify'
import { changeAlertRequestSchema, listAlertsRequestSchema } from '#schemas/alert.ts'
import type { TaskGateway } from '../gateway/task-gateway.ts'
import { checked, numberOf, readJsonObject, readQuery } from './read-request.ts'

const LIST_PARAMETERS = ['severity', 'status', 'camera', 'monitor', 'limit']
const CHANGES = { acknowledge: 'acknowledged', resolve: 'resolved' } as const

/** `/v1/alerts` and `/v1/agents`. */
export function addAlertRoutes(app: FastifyInstance, gateway: TaskGateway): void {
  app.get('/v1/alerts', async ({ url }) => {
    const at = url.indexOf('?')
    const { limit, ...same } = readQuery(at < 0 ? '' : url.slice(at + 1), LIST_PARAMETERS).single
    const request = { ...same, ...(limit !== undefined && { limit: numberOf(limit) }) }
    return { alerts: await gateway.alerts(checked(listAlertsRequestSchema, request)) }
  })
  for (const [verb, status] of Object.entries(CHANGES)) {
    app.post<{ Params: { id: string } }>(`/v1/alerts/:id/${verb}`, async ({ body, params }) => {
      const request = checked(changeAlertRequestSchema, { ...readJsonObject(body), id: params.id, status })
      return { alert: await gateway.changeAlert(request) }
    })
  }
  app.get('/v1/agents', async () => ({ agents: await gateway.agents() }))
}
