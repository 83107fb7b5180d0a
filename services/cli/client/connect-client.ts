import { EdgeClient } from './edge-client.ts'
import type { EdgeTarget } from './edge-target.ts'
import type { ClientDeps, MurmurClient } from './murmur-client.ts'
import { NatsClient } from './nats-client.ts'

/** Where commands go. */
export type ClientTarget = { natsUrl: string; tenant?: string | undefined } | { edge: EdgeTarget }

/** @throws MurmurError UNAVAILABLE when NATS does not answer; an edge is first asked by the first call */
export async function connectClient(target: ClientTarget, deps: ClientDeps): Promise<MurmurClient> {
  return 'edge' in target ? new EdgeClient(target.edge, deps) : NatsClient.connect(target, deps)
}
