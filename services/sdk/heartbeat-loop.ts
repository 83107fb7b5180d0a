import type { Clock } from '#platform/clock/clock.ts'
import type { Calling, CorePublishing } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { AgentHeartbeat } from '#schemas/agent.ts'
import { siteOfAgent } from '#schemas/site.ts'
import { MAX_STEPS_A_REQUEST } from '#schemas/step-message.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type { SlotTable, SlotView, TakenSlot } from './slot-table.ts'
import { requestStarts, type StepToStart } from './step-permissions.ts'

/** An agent as its heartbeats speak of it. */
export interface BeatingAgent {
  agent: string
  instance: string
  version: string
  capabilities?: readonly string[]
  capacity: number
  /** When the process began. Unix milliseconds. */
  bornAtMs: number
}

export interface HeartbeatLoopDeps {
  about: BeatingAgent
  slots: SlotTable
  bus: CorePublishing & Calling
  clock: Clock
  log: Log
  /** An orchestrator says that an attempt that runs is over. */
  onOver: (taken: TakenSlot) => void
  onBrokerTime: (brokerNowMs: number) => void
}

interface Seen {
  generation: number
  firstAtMs: number
  /** Since when it is known to run. */
  runningAtMs: number | undefined
  workingAtMs: number
  announced: boolean
  /** When an orchestrator was told of it last. */
  toldAtMs: number
  /** Not asked about before this. */
  askAtMs: number
}

const HEARTBEAT_INTERVAL_MS = 1000
/** Well within the ack wait of four seconds, three times over. */
const EXTEND_INTERVAL_MS = 1000
/** What runs for so long is announced to an orchestrator. */
const LONG_RUN_MS = 1000
const ASK_AGAIN_MS = 2000
/** That a task has ended is told once, and a site may be cut off just then: it asks again now and then. */
const AGAIN_ON_SITE_MS = 30_000
/** A main thread whose loop has not turned for so long is said to stand still. */
const BLOCKED_MS = 1000
const COMPLAIN_AFTER_MS = 2000
const WORKING = '+WPI'

/**
 * What has to be said all the time for one agent, from what its runner has left in the slot table: how the instance is, which
 * steps are being worked on, and which of them run for long. Looks when it is announced to; knows nothing but the table.
 */
export class HeartbeatLoop {
  readonly #deps: HeartbeatLoopDeps
  readonly #seen = new Map<number, Seen>()
  readonly #isOnSite: boolean
  #beatAtMs = 0
  #turns = -1
  #turnedAtMs = 0
  #complainAfterMs = COMPLAIN_AFTER_MS

  constructor(deps: HeartbeatLoopDeps) {
    this.#deps = deps
    this.#isOnSite = siteOfAgent(deps.about.agent) !== undefined
  }

  /** To be called several times a second. */
  poll(): void {
    const { clock, slots } = this.#deps
    const nowMs = clock.monotonicMs()
    const views = [...slots.taken()]
    const blockedMs = this.#watchMainThread(nowMs, views)
    this.#report(nowMs, views)
    if (nowMs >= this.#beatAtMs) this.#beat(nowMs, { inFlight: views.length, blockedMs })
  }

  /** A heartbeat at once, whatever the time. */
  beatNow(): void {
    this.#beatAtMs = 0
    this.poll()
  }

  #beat(nowMs: number, { inFlight, blockedMs }: { inFlight: number; blockedMs: number }): void {
    const { about, bus, slots } = this.#deps
    const { state } = slots
    if (state === 'starting') return
    this.#beatAtMs = nowMs + HEARTBEAT_INTERVAL_MS
    const { agent, instance, version, capabilities, capacity, bornAtMs } = about
    const { completed, failed, lingering, stuck } = slots.figures
    const beat: AgentHeartbeat = {
      type: agent,
      instance,
      version,
      ...(capabilities && { capabilities: [...capabilities] }),
      status: state,
      cordoned: slots.cordoned,
      capacity,
      inFlight: inFlight + lingering,
      completed,
      failed,
      startedAtMs: bornAtMs,
      ...(slots.ownQueue !== undefined && { queue: slots.ownQueue }),
      ...(blockedMs >= BLOCKED_MS && { blockedMs: Math.round(blockedMs) }),
      ...(stuck > 0 && { stuck }),
    }
    bus.publishCore(SUBJECTS.heartbeat(agent, instance), JSON.stringify(beat))
  }

  #report(nowMs: number, views: SlotView[]): void {
    const toAnnounce: SlotView[] = []
    for (const view of views) {
      const seen = this.#see(nowMs, view)
      if (nowMs - seen.workingAtMs >= EXTEND_INTERVAL_MS) {
        seen.workingAtMs = nowMs
        this.#deps.bus.publishCore(view.ackSubject, WORKING)
      }
      if (isToTell(seen, nowMs, this.#isOnSite)) toAnnounce.push(view)
    }
    for (let at = 0; at < toAnnounce.length; at += MAX_STEPS_A_REQUEST)
      void this.#announce(nowMs, toAnnounce.slice(at, at + MAX_STEPS_A_REQUEST))
  }

  #see(nowMs: number, view: SlotView): Seen {
    let seen = this.#seen.get(view.slot)
    if (seen?.generation !== view.generation) {
      seen = {
        generation: view.generation,
        firstAtMs: nowMs,
        runningAtMs: undefined,
        workingAtMs: nowMs,
        announced: false,
        toldAtMs: nowMs,
        askAtMs: 0,
      }
      this.#seen.set(view.slot, seen)
    }
    if (view.running) seen.runningAtMs ??= nowMs
    if (view.announced) seen.announced = true
    return seen
  }

  /** That they run, once for each; what an orchestrator says is over is ended. */
  async #announce(nowMs: number, views: SlotView[]): Promise<void> {
    const { about, onOver } = this.#deps
    for (const view of views) this.#seen.get(view.slot)!.askAtMs = nowMs + ASK_AGAIN_MS
    const verdicts = await requestStarts({ ...this.#deps, ...about }, views.map(questionOf))
    if (!verdicts) return
    for (const [i, view] of views.entries()) {
      const seen = this.#seen.get(view.slot)
      if (seen?.generation === view.generation) Object.assign(seen, { announced: true, toldAtMs: nowMs })
      if (verdicts[i]!.verdict === 'drop') onOver({ slot: view.slot, generation: view.generation })
    }
  }

  /** @returns how long the event loop of the main thread has not turned. Milliseconds */
  #watchMainThread(nowMs: number, views: SlotView[]): number {
    const { turns } = this.#deps.slots
    if (turns !== this.#turns) {
      this.#turned(nowMs)
      this.#turns = turns
      return 0
    }
    const blockedMs = nowMs - this.#turnedAtMs
    if (blockedMs < this.#complainAfterMs) return blockedMs
    this.#complainAfterMs *= 2
    this.#deps.log.warn(
      {
        agent: this.#deps.about.agent,
        blockedMs: Math.round(blockedMs),
        inHand: views.filter(({ running }) => running).map(nameOf),
      },
      'a handler blocks the event loop: nothing else in this process goes on; give long work to a worker thread',
    )
    return blockedMs
  }

  #turned(nowMs: number): void {
    const blockedMs = nowMs - this.#turnedAtMs
    if (this.#turns >= 0 && blockedMs >= BLOCKED_MS) this.#deps.slots.addBlocked(blockedMs)
    this.#turnedAtMs = nowMs
    this.#complainAfterMs = COMPLAIN_AFTER_MS
  }
}

function isToTell(seen: Seen, nowMs: number, isOnSite: boolean): boolean {
  return (
    (!seen.announced || (isOnSite && nowMs - seen.toldAtMs >= AGAIN_ON_SITE_MS)) &&
    seen.runningAtMs !== undefined &&
    nowMs - seen.runningAtMs >= LONG_RUN_MS &&
    nowMs >= seen.askAtMs
  )
}

function questionOf({ taskId, stepId, attempt, deliveries }: SlotView): StepToStart {
  return { taskId, stepId, attempt, deliveries, alone: false, running: true }
}

function nameOf({ taskId, stepId, attempt }: SlotView): string {
  return `${taskId}:${stepId}:${attempt}`
}
