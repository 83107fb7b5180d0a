import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { type BeatingAgent, HeartbeatLoop } from './heartbeat-loop.ts'
import type { ThreadCommand, ThreadMessage, ThreadOrder } from './heartbeat-thread.ts'
import type { SlotTable, TakenSlot } from './slot-table.ts'

/** One agent of the process. */
export interface Beating {
  about: BeatingAgent
  slots: SlotTable
  /** An orchestrator says that an attempt that runs is over. */
  onOver: (taken: TakenSlot) => void
}

export interface HeartbeatsDeps {
  agents: readonly Beating[]
  order: Omit<ThreadOrder, 'agents'>
  bus: Bus
  clock: Clock
  log: Log
  onBrokerTime: (brokerNowMs: number) => void
}

/** As it was loaded: `.ts` from source, `.js` in a built package. */
const THREAD = new URL(`./heartbeat-thread${extname(import.meta.url)}`, import.meta.url)
const TURN_INTERVAL_MS = 250
/** Without a sign of the thread for so long the main thread says itself what is to be said. */
const THREAD_AWAY_MS = 2000
const START_AGAIN_MS = 250
const START_AGAIN_AT_MOST_MS = 10_000
const STOPPED_TIMEOUT_MS = 500

/**
 * Heartbeats of the agents of a process, and of the steps that they have in hand. A thread says them, so that a handler that
 * blocks the event loop is not taken for one that has died; it is started again when it ends, and until it is there, or when it
 * can't connect, the main thread says the same. The thread never keeps the process alive.
 */
export class Heartbeats implements Component {
  readonly name = 'heartbeats'
  readonly #deps: HeartbeatsDeps
  readonly #loops: HeartbeatLoop[]
  readonly #stopping = new AbortController()
  #worker: Worker | undefined
  #timer: NodeJS.Timeout | undefined
  #beats = 0
  #beatAtMs = Number.NEGATIVE_INFINITY
  #againAfterMs = START_AGAIN_MS

  constructor(deps: HeartbeatsDeps) {
    this.#deps = deps
    const { bus, clock, log, onBrokerTime } = deps
    this.#loops = deps.agents.map(
      ({ about, slots, onOver }) =>
        new HeartbeatLoop({ about, slots, bus, clock, log, onOver, onBrokerTime }),
    )
  }

  start(): void {
    this.#startThread()
    this.#timer = setInterval(() => this.#turn(), TURN_INTERVAL_MS)
    this.#timer.unref()
  }

  /** A state has changed: it is told at once. */
  beatNow(): void {
    if (this.#isThreadThere()) this.#notify({ kind: 'beat' })
    else for (const loop of this.#loops) loop.beatNow()
  }

  /** Says for the last time how the agents are, and ends the thread. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    clearInterval(this.#timer)
    for (const { slots } of this.#deps.agents) if (slots.state !== 'starting') slots.state = 'stopped'
    const saidByThread = this.#isThreadThere() && (await this.#stopThread())
    if (!saidByThread) for (const loop of this.#loops) loop.beatNow()
    await this.#worker?.terminate()
  }

  /** The event loop turns; whether the thread does, too. */
  #turn(): void {
    for (const { slots } of this.#deps.agents) slots.countTurn()
    if (!this.#isThreadThere()) for (const loop of this.#loops) loop.poll()
  }

  #isThreadThere(): boolean {
    const [first] = this.#deps.agents
    if (!first) return true
    const nowMs = this.#deps.clock.monotonicMs()
    if (first.slots.beats !== this.#beats) {
      this.#beats = first.slots.beats
      this.#beatAtMs = nowMs
    }
    return nowMs - this.#beatAtMs < THREAD_AWAY_MS
  }

  #startThread(): void {
    const { agents, log, order } = this.#deps
    const workerData: ThreadOrder = {
      ...order,
      agents: agents.map(({ about, slots }) => ({ about, memory: slots.memory })),
    }
    // What the process was started with is for its main thread: an inspector, a script to load first.
    const worker = new Worker(THREAD, { workerData, name: 'heartbeats' })
    worker.unref()
    this.#worker = worker
    worker.on('message', (message: ThreadMessage) => this.#onMessage(message))
    worker.on('error', (error) => log.error({ err: error }, 'the thread of heartbeats failed'))
    worker.once('exit', () => void this.#startAgain())
  }

  async #startAgain(): Promise<void> {
    const { clock, log } = this.#deps
    if (this.#stopping.signal.aborted) return
    log.warn({ afterMs: this.#againAfterMs }, 'the thread of heartbeats has ended and is started again')
    await clock.sleep(this.#againAfterMs, this.#stopping.signal)
    this.#againAfterMs = Math.min(2 * this.#againAfterMs, START_AGAIN_AT_MOST_MS)
    if (this.#stopping.signal.aborted) return
    try {
      this.#startThread()
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'the thread of heartbeats cannot be started')
    }
  }

  #onMessage(message: ThreadMessage): void {
    if (message.kind === 'broker-time') this.#deps.onBrokerTime(message.brokerNowMs)
    else this.#deps.agents[message.agent]?.onOver(message.taken)
  }

  #notify(command: ThreadCommand): void {
    this.#worker?.postMessage(command)
  }

  /** @returns whether it has ended by itself, and so has said what there was to say */
  async #stopThread(): Promise<boolean> {
    const waiting = new AbortController()
    const ended = new Promise<boolean>((resolve) => this.#worker?.once('exit', () => resolve(true)))
    this.#notify({ kind: 'stop' })
    const tooLate = this.#deps.clock.sleep(STOPPED_TIMEOUT_MS, waiting.signal).then(() => false)
    const inTime = await Promise.race([ended, tooLate])
    waiting.abort()
    return inTime
  }
}
