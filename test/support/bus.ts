import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { Test } from 'tap'
import { Bus, type BusOptions } from '../../services/platform/nats/bus.ts'

/** A bus that is closed when the test ends. */
export async function openBus(
  t: Pick<Test, 'teardown'>,
  url: string,
  about: Partial<BusOptions> = {},
): Promise<Bus> {
  const bus = await Bus.connect({ url, name: 'test', ...about })
  t.teardown(() => bus.close())
  return bus
}

/** The client library itself, to look behind the bus's back. */
export async function openNats(
  t: Pick<Test, 'teardown'>,
  url: string,
): Promise<{ nc: NatsConnection; jsm: JetStreamManager }> {
  const nc = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100 })
  t.teardown(() => nc.close())
  return { nc, jsm: await jetstreamManager(nc) }
}
