import type { NatsConnection } from '@nats-io/transport-node'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { flushWithin } from './nats-pulse.ts'
import { untilThere } from './until-there.ts'

const ANSWER_MS = 2000

/**
 * Waits until the server answers on a connection: one that has not noticed yet that its server has gone takes questions that are
 * never answered.
 * @throws MurmurError UNAVAILABLE after `waitMs`
 */
export async function untilLive(nc: NatsConnection, waitMs: number): Promise<void> {
  await untilThere(async () => {
    if (await flushWithin(nc, ANSWER_MS)) return
    throw new MurmurError('UNAVAILABLE', 'NATS does not answer on the connection for objects')
  }, waitMs)
}

/**
 * Makes a connection anew, and waits until it is there. The client library gives the old one up in a moment of its own, and what
 * is asked before goes with it.
 * @throws MurmurError UNAVAILABLE after `waitMs`
 */
export async function renew(nc: NatsConnection, waitMs: number): Promise<void> {
  await nc.reconnect()
  await untilLive(nc, waitMs)
}
