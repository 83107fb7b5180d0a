import type { NatsConnection, Server } from '@nats-io/transport-node'
import { z } from 'zod'
import { readMessage } from '#platform/json/read-message.ts'
import { api, nextOf } from '#subjects/jetstream-api.ts'
import type { LedPlace } from './cut-off-watch.ts'

/** Servers that are asked at the same time: a cluster has three or five, and one that answers is enough. */
const MAX_ASKED = 4
/** A leader answers within milliseconds. Milliseconds. */
const ASK_TIMEOUT_MS = 1000
/** No other leader is elected before the others have heard nothing of this one for 4 s. Milliseconds. */
const HEARD_TIMEOUT_MS = 3000

/** What a leader says of the copies: when it has heard of each of the others last, in nanoseconds. */
const leaderSchema = z.looseObject({
  cluster: z.looseObject({
    leader: z.string().nullish(),
    replicas: z.array(z.looseObject({ active: z.number() })).nullish(),
  }),
})

/** What is said of the copies of a stream. */
interface LedCopies {
  leader?: string | null | undefined
  replicas?: readonly { active: number }[] | null | undefined
}

/**
 * Whether who answers leads: it has heard of more than half of the servers lately. One that is cut off from them goes on believing for
 * some seconds that it does. @param cluster undefined: a single server, which leads alone
 */
export function isLed(cluster: LedCopies | undefined): boolean {
  if (!cluster) return true
  if (!cluster.leader) return false
  const replicas = cluster.replicas ?? []
  const heard = replicas.filter(({ active }) => active / 1e6 < HEARD_TIMEOUT_MS)
  return 2 * (1 + heard.length) > 1 + replicas.length
}

/** Whether a leader answers over a connection. Never rejects. */
export type LeaderQuestion = (nc: Asked) => Promise<boolean>
type Asked = Pick<NatsConnection, 'request' | 'publish'>

/**
 * Looks for another server through which a leader answers while none does through ours: then ours is cut off. During an election none
 * does anywhere.
 * @param dial connects to one server and no other; what it throws counts as no answer
 * @returns its address as the pool of servers has it
 */
export async function leaderElsewhere(
  nc: Asked & Pick<NatsConnection, 'getServer' | 'getServers'>,
  isLedThrough: LeaderQuestion,
  dial: (server: Server) => Promise<Asked & Pick<NatsConnection, 'close'>>,
): Promise<string | undefined> {
  const here = nc.getServer()
  const others = nc.getServers().filter(({ listen }) => listen !== here)
  const asked = others.slice(0, MAX_ASKED).map(async (server) => {
    const other = await dial(server)
    try {
      if (!(await isLedThrough(other))) throw new Error('no leader answers there')
      return server.listen
    } finally {
      void other.close().catch(() => undefined)
    }
  })
  const found = await Promise.any(asked).catch(() => undefined)
  // Behind that: an election may have ended since we were not answered.
  return found === undefined || (await isLedThrough(nc)) ? undefined : found
}

/** A question that whoever had none answered there may ask. */
export function questionAbout({ stream, consumer }: LedPlace): LeaderQuestion {
  return consumer === undefined ? isStreamLed(stream) : isConsumerLed(stream, consumer)
}

function isStreamLed(stream: string): LeaderQuestion {
  return async (nc) => {
    try {
      const { data } = await nc.request(api(`STREAM.INFO.${stream}`), '', { timeout: ASK_TIMEOUT_MS })
      const info = readMessage(data, leaderSchema)
      return info !== undefined && isLed(info.cluster)
    } catch {
      return false
    }
  }
}

/** Agents may ask nothing of a consumer but for messages: for one that has no byte, of which there is none. */
const NOTHING = JSON.stringify({ batch: 1, no_wait: true, max_bytes: 1 })

function isConsumerLed(stream: string, consumer: string): LeaderQuestion {
  return async (nc) => {
    try {
      const answer = await nc.request(nextOf(stream, consumer), NOTHING, { timeout: ASK_TIMEOUT_MS })
      // It is a message after all: for the next one who asks.
      if (answer.reply) nc.publish(answer.reply, '-NAK')
      return true
    } catch {
      return false
    }
  }
}
