import type { FastifyInstance } from 'fastify'
import type { Gateway } from '../gateway/gateway.ts'
import { does } from './enter.ts'

/** `/v1/plans` and `/v1/status`. */
export function addSystemRoutes(app: FastifyInstance, gateway: Gateway): void {
  app.post('/v1/plans', does('checkPlan'), ({ body, caller }) =>
    gateway.checkPlan(caller.tenant, body instanceof Uint8Array ? body : new Uint8Array()),
  )
  app.get('/v1/status', does('getStatus'), () => gateway.status())
}
