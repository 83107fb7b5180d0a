import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Publishing } from '#platform/nats/bus.ts'
import type { Redis } from '#platform/redis/redis.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { AgentView } from '#schemas/agent.ts'
import { CAMERA_STATUSES, givesPictures } from '#schemas/camera.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import type { CameraView } from '#schemas/camera-view.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import { activeCaptures } from './active-captures.ts'
import { firstSeenEvents, monitorEndedEvents, unwatchedEvent } from './camera-event.ts'
import { type CameraStates, cameraKey } from './camera-states.ts'
import { type CaptureStep, judgeCamera } from './judge-camera.ts'

export interface CameraWatchDeps {
  bus: Publishing
  redis: Pick<Redis, 'hgetall' | 'hset' | 'hdel'>
  store: Pick<PartitionStore, 'cameraTasks' | 'readTasks'>
  states: Pick<CameraStates, 'all' | 'forget'>
  agents: () => Promise<AgentView[]>
  /** Partitions that this orchestrator looks after just now. */
  owned: () => Iterable<number>
  /** The broker's. */
  clock: Pick<Clock, 'nowMs'>
  log: Log
}

/** What is known of a camera whose monitor is under way: in Redis, so that whoever looks after it next can tell how it ended. */
interface Watched {
  tenant: string
  monitor: string
  camera: string
  partition: number
  /** Since when nobody watches it, once that was told. Unix milliseconds. */
  toldSinceMs?: number
  /** Whether it was there: what was told of it before is over since. */
  isSeen?: true
}

const KEY = 'murmur:camera-watch'
const INTERVAL_MS = 2000
/** A capture that was killed is back, or another has taken over, within ten seconds. */
const TOLD_AFTER_MS = 15_000
/** The link to a site comes and goes. */
const TOLD_AFTER_ON_SITE_MS = 60_000
const GIVE_UP_AFTER_MS = 5000

/**
 * Sees that cameras which tasks are to watch are watched: what a capture tells of its camera ends with the capture. So it is looked at
 * from outside: who is not heard, who waits for a place, whose monitor has failed.
 */
export class CameraWatch implements Component {
  readonly name = 'camera watch'
  readonly #deps: CameraWatchDeps
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> = Promise.resolve()
  #isRunning = false

  constructor(deps: CameraWatchDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#timer = setInterval(() => {
      if (this.#isRunning) return
      this.#isRunning = true
      this.#round = this.poll()
        .catch((error: unknown) =>
          this.#deps.log.warn({ reason: messageOf(error) }, 'cameras could not be looked at'),
        )
        .finally(() => {
          this.#isRunning = false
        })
    }, INTERVAL_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#round
  }

  /** A task has ended, as its owner knows: the sooner it is told the better. Telling it again changes nothing. */
  onEnded(task: TaskState): void {
    for (const event of monitorEndedEvents(task))
      this.#publish(event).catch((error: unknown) =>
        // It is told the next time.
        this.#deps.log.warn({ reason: messageOf(error) }, 'the end of a monitor could not be told'),
      )
  }

  /** Judges all cameras that are looked after here, once. @throws what the store, Redis or NATS throws: the next time makes up for it */
  async poll(): Promise<void> {
    const { agents, clock, owned, redis, states, store } = this.#deps
    const partitions = [...owned()]
    if (partitions.length === 0) return
    const [captures, heard, instances, kept] = await Promise.all([
      Promise.all(
        partitions.map(async (partition) =>
          (await activeCaptures(store, partition)).map((capture) => ({ capture, partition })),
        ),
      ),
      states.all(),
      agents(),
      redis.hgetall(KEY),
    ])
    const nowMs = clock.nowMs()
    const watched = new Map(
      Object.entries(kept)
        .map(([key, json]) => [key, JSON.parse(json) as Watched] as const)
        .filter(([, { partition }]) => partitions.includes(partition)),
    )
    for (const { capture, partition } of captures.flat()) {
      const key = cameraKey(capture)
      const known = watched.get(key)
      watched.delete(key)
      const view = judgeCamera(capture, heard.get(key), instances, nowMs)
      await this.#judge({ key, capture, partition, known }, view)
    }
    // What is left is captured no more.
    for (const [key, known] of watched) await this.#ended(key, known)
  }

  async #judge(
    about: { key: string; capture: CaptureStep; partition: number; known: Watched | undefined },
    { status, sinceMs, reason = '' }: ReturnType<typeof judgeCamera>,
  ): Promise<void> {
    const { key, capture, partition, known } = about
    const { tenant, monitor, camera, site } = capture
    const isSeen = known?.isSeen || isWatched(status) || undefined
    const now: Watched = { tenant, monitor, camera, partition, ...(isSeen && { isSeen }) }
    const nowMs = this.#deps.clock.nowMs()
    const isAway = (status === 'unwatched' || status === 'waiting') && !isMeantToWait(capture)
    const { toldSinceMs } = known ?? {}
    if (isAway) {
      const afterMs = site === undefined ? TOLD_AFTER_MS : TOLD_AFTER_ON_SITE_MS
      if (toldSinceMs === undefined && nowMs - sinceMs >= afterMs) {
        await this.#publish(unwatchedEvent(now, { phase: 'begin', sinceMs, reason }, nowMs))
        return this.#keep(key, { ...now, toldSinceMs: sinceMs })
      }
    } else if (toldSinceMs !== undefined) {
      await this.#publish(unwatchedEvent(now, { phase: 'end', sinceMs: nowMs, reason }, nowMs))
      return this.#keep(key, now)
    }
    if (isSeen && !known?.isSeen) for (const event of firstSeenEvents(now, nowMs)) await this.#publish(event)
    if (!known || isSeen !== known.isSeen) await this.#keep(key, now)
  }

  async #ended(key: string, known: Watched): Promise<void> {
    const { clock, redis, states, store } = this.#deps
    const [task] = await store.readTasks(known.partition, [known.monitor], () => {})
    // Its capture is over, and the rest of it is not.
    if (task && !isTerminal(task.status)) return
    if (known.toldSinceMs !== undefined) {
      const nowMs = clock.nowMs()
      await this.#publish(
        unwatchedEvent(known, { phase: 'end', sinceMs: nowMs, reason: 'its monitor has ended' }, nowMs),
      )
    }
    if (task) for (const event of monitorEndedEvents(task)) await this.#publish(event)
    await states.forget([key])
    await redis.hdel(KEY, [key])
  }

  async #keep(key: string, watched: Watched): Promise<void> {
    await this.#deps.redis.hset(KEY, key, JSON.stringify(watched))
  }

  async #publish(event: CameraEvent): Promise<void> {
    const { bus, log } = this.#deps
    const { camera, monitor, message } = event
    log.info({ camera, monitor, kind: event.rule.kind, state: event.state?.phase }, message)
    await bus.publisher.publish(SUBJECTS.cameraEvents(event.tenant, camera), JSON.stringify(event), {
      msgId: MESSAGE_IDS.cameraEvent(event.id),
      giveUpAfterMs: GIVE_UP_AFTER_MS,
    })
  }
}

/** Whether there are pictures of it. Pure. */
function isWatched(status: CameraView['status']): boolean {
  return CAMERA_STATUSES.some((known) => known === status && givesPictures(known))
}

/** Whether somebody wanted it that nobody watches yet. Pure. */
function isMeantToWait({ task, step }: CaptureStep): boolean {
  return (
    task.held !== undefined ||
    task.status === 'scheduled' ||
    task.status === 'paused' ||
    step === undefined ||
    step.status === 'waiting'
  )
}
