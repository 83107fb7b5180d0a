import type { FastifyInstance } from 'fastify'
import type { Gateway } from '../gateway/gateway.ts'
import { addRoute } from './add-route.ts'

/** `/v1/plans` and `/v1/status`. */
export function addSystemRoutes(app: FastifyInstance, gateway: Gateway): void {
  addRoute(app, 'checkPlan', ({ body, caller }) =>
    gateway.checkPlan(caller.tenant, body instanceof Uint8Array ? body : new Uint8Array()),
  )
  addRoute(app, 'getStatus', () => gateway.status())
}
