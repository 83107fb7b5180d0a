import type { JetStreamManager } from '@nats-io/jetstream'
import type { BrokerClock } from '#platform/clock/broker-clock.ts'

/** The broker's clock, as it says it with what it knows of a stream; undefined from servers before 2.10. Unix milliseconds. */
export async function brokerTimeOf(jsm: JetStreamManager, stream: string): Promise<number | undefined> {
  const { ts } = (await jsm.streams.info(stream)) as { ts?: string }
  const brokerMs = ts === undefined ? Number.NaN : Date.parse(ts)
  return Number.isNaN(brokerMs) ? undefined : brokerMs
}

/** Gives an answer on, and learns from it what time it is, where an orchestrator has put that into it. */
export async function observing(clock: BrokerClock, answer: Promise<unknown>): Promise<unknown> {
  const askedMs = clock.monotonicMs()
  const reply = await answer
  if (typeof reply === 'object' && reply !== null && 'brokerNowMs' in reply) {
    const { brokerNowMs: brokerMs } = reply
    if (typeof brokerMs === 'number') clock.observe({ brokerMs, askedMs, answeredMs: clock.monotonicMs() })
  }
  return reply
}

/** Hands messages of a stream on, and learns from when they were stored. */
export function noticing<M extends { storedAtMs: number }>(
  clock: BrokerClock,
  onMessage: (message: M) => void,
): (message: M) => void {
  return (message) => {
    clock.atLeast(message.storedAtMs)
    onMessage(message)
  }
}
