import type { FastifyInstance } from 'fastify'
import { changeAlertRequestSchema, listAlertsRequestSchema } from '#schemas/alert.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { does } from './enter.ts'
import { checked, numberOf, readJsonObject, readQuery } from './read-request.ts'

const LIST_PARAMETERS = ['severity', 'status', 'camera', 'monitor', 'limit']
const CHANGES = { acknowledge: 'acknowledged', resolve: 'resolved' } as const

/** `/v1/alerts` and `/v1/agents`. */
export function addAlertRoutes(app: FastifyInstance, gateway: Gateway): void {
  app.get('/v1/alerts', does('listAlerts'), async ({ url, caller }) => {
    const at = url.indexOf('?')
    const { limit, ...same } = readQuery(at < 0 ? '' : url.slice(at + 1), LIST_PARAMETERS).single
    const request = { ...same, ...(limit !== undefined && { limit: numberOf(limit) }) }
    return { alerts: await gateway.alerts(caller.tenant, checked(listAlertsRequestSchema, request)) }
  })
  for (const [verb, status] of Object.entries(CHANGES)) {
    app.post<{ Params: { id: string } }>(
      `/v1/alerts/:id/${verb}`,
      does('changeAlert'),
      async ({ body, params, caller }) => {
        const request = checked(changeAlertRequestSchema, { ...readJsonObject(body), id: params.id, status })
        return { alert: await gateway.changeAlert(caller.tenant, request) }
      },
    )
  }
  app.get('/v1/agents', does('listAgents'), async () => ({ agents: await gateway.agents() }))
}
