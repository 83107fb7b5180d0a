import { loadNatsSecurity } from '#platform/config/connections.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { Bus } from '#platform/nats/bus.ts'
import { acceptsGuests } from '#platform/nats/open-connection.ts'
import type { Check } from '../../../deploy/local/doctor.ts'
import { gatherClusterFacts } from './cluster-facts.ts'
import { judgeCluster } from './judge-cluster.ts'

const GUEST_TIMEOUT_MS = 3000

export interface ClusterAddress {
  /** With user and password, or with MURMUR_NATS_CREDENTIALS: those of an operator. */
  readonly natsUrl: string
  readonly redisUrl: string | undefined
  readonly env: NodeJS.ProcessEnv
}

/** Looks at a deployment; changes nothing. Where NATS itself can't be reached, that is the only finding. */
export async function checkCluster({ natsUrl, redisUrl, env }: ClusterAddress): Promise<Check[]> {
  const security = loadNatsSecurity(env)
  let bus: Bus
  try {
    bus = await Bus.connect({ url: natsUrl, name: 'murmur doctor', security })
  } catch (error) {
    if (!(error instanceof MurmurError)) throw error
    const fix = 'Correct the address, the user or MURMUR_NATS_TLS_CA, or start NATS.'
    return [{ name: 'nats', status: 'fail', evidence: error.message, fix }]
  }
  try {
    return judgeCluster(
      await gatherClusterFacts(bus, {
        redisUrl,
        letsGuestsIn: () => acceptsGuests(natsUrl, security, GUEST_TIMEOUT_MS),
      }),
    )
  } finally {
    await bus.close()
  }
}
