import { systemClock } from '#platform/clock/clock.ts'
import { loadNatsSecurity } from '#platform/config/connections.ts'
import { loadServiceConfig } from '#platform/config/service-config.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { Bus } from '#platform/nats/bus.ts'
import { SERVICES } from '#subjects/operations.ts'

/** An edge answers; one that has been started a moment ago does so soon. */
const PATIENCE_MS = 30_000
const SCOPES = ['tasks:read', 'tasks:write', 'objects:read', 'objects:write', 'alerts:read', 'alerts:write']

// Makes an API key inside the project's network, in the edge's image as the operator, and prints it: see docs/deployment.md.
const [name = 'first', tenant = 'default'] = process.argv.slice(2)
const { natsUrl: url } = loadServiceConfig()
const bus = await Bus.connect({ url, name: 'create-key', security: loadNatsSecurity() })
try {
  process.stdout.write(`${await createKey(systemClock.monotonicMs() + PATIENCE_MS)}\n`)
} finally {
  await bus.close()
}

async function createKey(untilMs: number): Promise<string> {
  for (;;) {
    try {
      const about = { name, tenant, scopes: SCOPES }
      const answer = await bus.request(SERVICES.createKey, about, { timeoutMs: 5000 })
      return (answer as { secret: string }).secret
    } catch (error) {
      // Nobody who may not ask is heard: that does not pass.
      const mayPass =
        error instanceof MurmurError && error.code === 'UNAVAILABLE' && !/permission/i.test(error.message)
      if (!mayPass || systemClock.monotonicMs() > untilMs) throw error
      await systemClock.sleep(500)
    }
  }
}
