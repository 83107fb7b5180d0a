import { loadNatsSecurity } from '#platform/config/connections.ts'
import { loadServiceConfig } from '#platform/config/service-config.ts'
import { Bus } from '#platform/nats/bus.ts'
import { SERVICES } from '#subjects/operations.ts'

// Makes an API key inside the project's network, in the edge's image as the operator, and prints it: see docs/deployment.md.
const [name = 'first', tenant = 'default'] = process.argv.slice(2)
const { natsUrl: url } = loadServiceConfig()
const bus = await Bus.connect({ url, name: 'create-key', security: loadNatsSecurity() })
try {
  const scopes = ['tasks:read', 'tasks:write', 'objects:read', 'objects:write', 'alerts:read', 'alerts:write']
  const answer = (await bus.request(SERVICES.createKey, { name, tenant, scopes }, { timeoutMs: 5000 })) as {
    secret: string
  }
  process.stdout.write(`${answer.secret}\n`)
} finally {
  await bus.close()
}
