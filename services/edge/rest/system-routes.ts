import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import type { Gateway } from '../gateway/gateway.ts'
import { addRoute } from './add-route.ts'
import { openApiDocument } from './openapi-document.ts'
import { readJsonObject, readQuery, readRequiredObject, searchOf } from './read-request.ts'

/** `/v1/plans`, `/v1/agents`, `/v1/agent-policies`, `/v1/task-types`, `/v1/queues`, `/v1/integrity`, `/v1/partitions` and `/v1/status`. */
export function addSystemRoutes(app: FastifyInstance, gateway: Gateway): void {
  addRoute(app, 'checkPlan', ({ body, caller }) =>
    gateway.checkPlan(caller.tenant, body instanceof Uint8Array ? body : new Uint8Array()),
  )
  addRoute(app, 'listAgents', () => gateway.agents())
  addRoute(app, 'setAgentPolicy', (request) => {
    const { agent } = request.params as { agent: string }
    request.target = agent
    return gateway.dispatch.setPolicy({ ...readRequiredObject(request.body), agent })
  })
  addRoute(app, 'getAgentPolicies', ({ url }) =>
    gateway.dispatch.policies(readQuery(searchOf({ url }), ['agent']).single),
  )
  addRoute(app, 'setInstanceDrain', (request) => {
    const { agent, instance } = request.params as { agent: string; instance: string }
    request.target = `${agent}/${instance}`
    return gateway.dispatch.setInstanceDrain({ ...readRequiredObject(request.body), agent, instance })
  })
  addRoute(app, 'setTaskTypePause', (request) => {
    const { name } = request.params as { name: string }
    request.target = name
    return gateway.dispatch.setTaskTypePause({ ...readJsonObject(request.body), name })
  })
  addRoute(app, 'listTaskTypePauses', () => gateway.dispatch.taskTypePauses())
  addRoute(app, 'listQueueLoads', () => gateway.queueLoads())
  addRoute(app, 'getIntegrity', () => gateway.integrity())
  addRoute(app, 'getPartitions', () => gateway.partitions())
  addRoute(app, 'growPartitions', (request) => {
    const body = readRequiredObject(request.body)
    request.target = String(body.to)
    return gateway.growPartitions(body)
  })
  addRoute(app, 'getStatus', () => gateway.status())
}

/** Follows what the system of the reader is set to; the library's own page is bright only. */
const DARK = `@media (prefers-color-scheme: dark) {
  body { background: #16181d; }
  .swagger-ui { filter: invert(0.9) hue-rotate(180deg); }
  .swagger-ui .microlight, .swagger-ui .highlight-code { filter: invert(1) hue-rotate(180deg); }
}
.swagger-ui .topbar { display: none; }`

/** The page sets styles by itself; everything else comes from here. */
const CSP =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"

/** `/v1/openapi.json`, and `/docs` to browse it: nothing is fetched from elsewhere. */
export async function addDocs(app: FastifyInstance): Promise<void> {
  const document = openApiDocument()
  await app.register(swagger, { mode: 'static', specification: { document: document as never } })
  app.get('/v1/openapi.json', async (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(document)),
  )
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: CSP,
    uiConfig: { docExpansion: 'list', tryItOutEnabled: false, defaultModelsExpandDepth: 0 },
    theme: { title: 'Murmuration: API', css: [{ filename: 'theme.css', content: DARK }] },
  })
}
