import type { Clock } from '#platform/clock/clock.ts'
import type { EdgeTarget } from '#platform/config/cli.ts'
import { clientOver, type MurmurClient } from './murmur-client.ts'
import type { Transport } from './transport.ts'

/** Where commands go. */
export type ClientTarget = { natsUrl: string; tenant?: string | undefined } | { edge: EdgeTarget }

/** @throws MurmurError UNAVAILABLE when NATS does not answer; an edge is first asked by the first call */
export async function connectClient(target: ClientTarget, deps: { clock: Clock }): Promise<MurmurClient> {
  return clientOver(await connectTransport(target, deps))
}

/** Each is loaded where it is used: one has the client of NATS in it, the other a parser of event streams. */
async function connectTransport(target: ClientTarget, { clock }: { clock: Clock }): Promise<Transport> {
  if ('edge' in target) {
    const { EdgeTransport } = await import('./edge-transport.ts')
    return new EdgeTransport(target.edge, clock)
  }
  const { NatsTransport } = await import('./nats-transport.ts')
  return NatsTransport.connect(target, clock)
}
