import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, headers, type NatsConnection } from '@nats-io/transport-node'
import { BATCH, bodiesOf } from '../collect-history.ts'
import { Dice } from '../dice.ts'
import { AGENT_TYPES } from '../random-load.ts'
import type { World } from '../world.ts'

interface Seen {
  subject: string
  result: { taskId: string; stepId: string; attempt: number; outcome: { kind: string; output?: unknown } }
}

const INTERVAL_MS = 15
const FORGED = 'Forged'

/**
 * Somebody with every right on the bus writes into the log what must change nothing: results that came already with something
 * else in them, of attempts that were never made, of tasks that are not there, by agents of another type, and what cannot be read.
 */
export async function forge(world: World, lastsMs: number, seed: number): Promise<void> {
  const nc = await connect({
    servers: world.servers.natsUrl,
    maxReconnectAttempts: -1,
    // The server may be away just now.
    waitOnFirstConnect: true,
    reconnectTimeWait: 100,
  })
  const seen: Seen[] = []
  nc.subscribe('log.*.result.*', {
    callback: (error, message) => {
      if (error || message.headers?.has(FORGED)) return
      const { subject } = message
      for (const result of bodiesOf(message.string()))
        if (result !== undefined) seen.push({ subject, result: result as unknown as Seen['result'] })
    },
  })
  const dice = new Dice(seed)
  const untilMs = performance.now() + lastsMs
  while (performance.now() < untilMs) {
    if (seen.length > 0) publishForgery(nc, dice, seen.slice(-50))
    await sleep(INTERVAL_MS)
  }
  await nc.close()
}

function publishForgery(nc: NatsConnection, dice: Dice, seen: readonly Seen[]): void {
  const { subject, result } = dice.pick(seen)
  const wrong = { ...result, outcome: { kind: 'done', output: { value: -1 } } }
  // Beyond what any policy of the load allows: it never becomes the current one.
  const ahead = { ...wrong, attempt: result.attempt + dice.between(20, 40) }
  const [, partition, , agent] = subject.split('.')
  const other = AGENT_TYPES.find((type) => type !== agent)
  const forgeries: [subject: string, body: unknown][] = [
    [subject, wrong],
    [subject, result],
    [subject, ahead],
    [subject, { ...ahead, outcome: { kind: 'nonsense' } }],
    [subject, { ...wrong, taskId: `none${dice.between(0, 999)}` }],
    [subject, { ...wrong, stepId: 'none' }],
    [`log.${partition}.result.${other}`, wrong],
    [subject, 'not an object'],
    [`log.${partition}.control`, { v: 1, taskId: `none${dice.between(0, 999)}`, action: 'cancel' }],
    [`log.${partition}.timer`, { v: 1, taskId: result.taskId, dueMs: 1 }],
    [`log.${partition}.accepted`, { v: 1, taskId: result.taskId }],
  ]
  if (dice.happens(0.1)) {
    publish(nc, subject, forgedBatch(dice, seen, subject))
    return
  }
  const [where, body] = dice.pick(forgeries)
  publish(nc, where, dice.happens(0.1) ? '{"cut off' : JSON.stringify(body))
}

/** Results that came already, each of another task and with something else in it, and one that is torn among them. */
function forgedBatch(dice: Dice, seen: readonly Seen[], subject: string): string {
  const ofSubject = seen.filter((one) => one.subject === subject)
  const results = [...new Map(ofSubject.map(({ result }) => [result.taskId, result])).values()]
  const lines = results.map((result) =>
    JSON.stringify({ ...result, outcome: { kind: 'done', output: { value: -1 } } }),
  )
  return `${BATCH}${lines.toSpliced(dice.between(0, lines.length), 0, '{"torn').join(',\n')}\n]}`
}

function publish(nc: NatsConnection, subject: string, text: string): void {
  const about = headers()
  about.set('Nats-Msg-Id', randomUUID())
  about.set(FORGED, 'yes')
  nc.publish(subject, text, { headers: about })
}
