import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '#platform/clock/clock.ts'
import type { NatsSecurity } from '#platform/config/connections.ts'
import { natsOfAgent } from '#platform/config/local-stack.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { Bus } from '#platform/nats/bus.ts'
import { createLogger, type LoggerConfig } from '#platform/telemetry/logger.ts'
import { type BeatingAgent, HeartbeatLoop } from './heartbeat-loop.ts'
import { SlotTable, type TakenSlot } from './slot-table.ts'

/** What the thread is given when it is started. */
export interface ThreadOrder {
  service: string
  logger: LoggerConfig
  nats: { url: string; security: NatsSecurity }
  agents: { about: BeatingAgent; memory: SharedArrayBuffer }[]
}

/** What it says. `agent`: its place in the order. */
export type ThreadMessage =
  | { kind: 'over'; agent: number; taken: TakenSlot }
  | { kind: 'broker-time'; brokerNowMs: number }

/** What it is told. `beat`: a state has changed. `stop`: say so for the last time, and end. */
export type ThreadCommand = { kind: 'beat' | 'stop' }

const POLL_INTERVAL_MS = 250
const CONNECT_AGAIN_MS = 500

/**
 * The thread of heartbeats of an agent process: whatever the handlers do to the event loop of the main thread, this one goes
 * on saying what is true, over a connection of its own.
 */
async function run(order: ThreadOrder): Promise<void> {
  const log = createLogger(order.service, order.logger)
  const post = (message: ThreadMessage) => parentPort?.postMessage(message)
  const bus = await connect(order)
  const tables = order.agents.map(({ memory }) => new SlotTable(memory))
  const loops = order.agents.map(
    ({ about }, agent) =>
      new HeartbeatLoop({
        about,
        slots: tables[agent]!,
        bus,
        clock: systemClock,
        log,
        onOver: (taken) => post({ kind: 'over', agent, taken }),
        onBrokerTime: (brokerNowMs) => post({ kind: 'broker-time', brokerNowMs }),
      }),
  )
  const timer = setInterval(() => {
    for (const loop of loops) loop.poll()
    if (bus.connected) for (const table of tables) table.countBeat()
  }, POLL_INTERVAL_MS)
  parentPort?.on('message', ({ kind }: ThreadCommand) => {
    for (const loop of loops) loop.beatNow()
    if (kind !== 'stop') return
    clearInterval(timer)
    void bus.close().finally(() => parentPort?.close())
  })
  for (const loop of loops) loop.poll()
}

/** However long it takes: the main thread says that it works as long as this one can't. */
async function connect({ service, logger, nats }: ThreadOrder): Promise<Bus> {
  for (let hasSaid = false; ; hasSaid = true) {
    try {
      return await Bus.connect({
        ...nats,
        ...natsOfAgent(nats.url),
        name: `${service} ${logger.instance} heartbeats`,
        hasJetStream: false,
      })
    } catch (error) {
      // Once: without a stack it waits, like the main thread, as long as that takes.
      if (!hasSaid)
        createLogger(service, logger).warn(
          { reason: messageOf(error) },
          'the thread of heartbeats cannot connect; trying on',
        )
      await systemClock.sleep(CONNECT_AGAIN_MS)
    }
  }
}

await run(workerData as ThreadOrder)
