import { setTimeout as sleep } from 'node:timers/promises'
import { arrivalsOf, type Scenario, usersAt } from '../scenarios.ts'
import type { AnyActivity } from '../users/action.ts'
import { probeReporter, probeUser } from '../users/task-user.ts'
import { thinkMs } from '../users/think-time.ts'
import type { Crowd } from './crowd.ts'
import type { Probe } from './messages.ts'
import { sleepUntil } from './run-activity.ts'

/** Between two things that a user does, on average. */
const BETWEEN_MS = 2000
/** With the mix of tasks: somebody who wants to know what the system can do waits for nothing but the end of the task. */
const BETWEEN_TASKS_MS = 0
/** How often the number of users is looked at. */
const LOOK_MS = 100
/** What an open loop may have under way: beyond, arrivals are not sent, and the run is void. */
const MAX_UNDER_WAY = 10_000
/** Whoever is in the middle of something when the run is over gets so long to end it. */
const GRACE_MS = 30_000
const PROBE_INTERVAL_MS = 250
/** Of so many probes one comes with a report beside it. */
const REPORT_EVERY = 4
/** One that has not ended by then counts as never seen. */
const MAX_PROBES_UNDER_WAY = 200

/** Users who come, do one thing after the other with thoughts between, and go when there are to be fewer. Resolves at the end of the run. */
export class ClosedLoop {
  readonly #crowd: Crowd
  readonly #scenario: Scenario
  readonly #users: { stop: AbortController; ended: Promise<void> }[] = []
  readonly #gone = new Set<Promise<void>>()

  constructor(crowd: Crowd, scenario: Scenario) {
    this.#crowd = crowd
    this.#scenario = scenario
  }

  get users(): number {
    return this.#users.length
  }

  /** @param signal breaks the run off */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#crowd.elapsedMs < this.#scenario.durationMs) {
      this.#toNumber(usersAt(this.#scenario, this.#crowd.elapsedMs))
      await sleepUntil(performance.now() + LOOK_MS, signal)
    }
    this.#toNumber(0)
    await withinGrace(this.#gone)
  }

  #toNumber(wanted: number): void {
    while (this.#users.length < wanted) {
      const stop = new AbortController()
      this.#users.push({ stop, ended: this.#live(stop.signal) })
    }
    while (this.#users.length > wanted) {
      const { stop, ended } = this.#users.pop()!
      stop.abort()
      this.#gone.add(ended)
      void ended.finally(() => this.#gone.delete(ended))
    }
  }

  async #live(signal: AbortSignal): Promise<void> {
    const meanMs = this.#scenario.mix === 'tasks' ? BETWEEN_TASKS_MS : BETWEEN_MS
    const client = this.#crowd.nextClient()
    // Not all at once: they come from different places.
    let dueMs = performance.now() + this.#crowd.draw() * meanMs
    while (await sleepUntil(dueMs, signal)) {
      await this.#crowd.run(client, dueMs, signal)
      dueMs = performance.now() + thinkMs(this.#crowd.draw(), meanMs)
    }
  }
}

/** Somebody new for each arrival, whatever becomes of those before. @returns arrivals that were not sent */
export async function runOpenLoop(crowd: Crowd, scenario: Scenario, signal: AbortSignal): Promise<number> {
  const stop = new AbortController()
  const underWay = new Set<Promise<unknown>>()
  let notSent = 0
  for (const arrivalMs of arrivalsOf(scenario)) {
    const dueMs = crowd.at(arrivalMs)
    if (!(await sleepUntil(dueMs, signal))) break
    if (underWay.size >= MAX_UNDER_WAY) {
      notSent++
      continue
    }
    const ended = crowd.run(crowd.nextClient(), dueMs, stop.signal)
    underWay.add(ended)
    void ended.finally(() => underWay.delete(ended))
  }
  await sleepUntil(crowd.at(scenario.durationMs), signal)
  stop.abort()
  await withinGrace(underWay)
  return notSent
}

/**
 * Sends a task four times a second and a small report once a second, and notes how long each took. Resolves when all have ended, or the time to
 * wait is over.
 */
export async function runProbes(
  crowd: Crowd,
  span: { fromMs: number; toMs: number },
  signal: AbortSignal,
): Promise<Probe[]> {
  const probes: Probe[] = []
  const underWay = new Set<Promise<void>>()
  const client = crowd.nextClient()
  const send = (atMs: number, of: Probe['of']) => {
    if (underWay.size >= MAX_PROBES_UNDER_WAY) return void probes.push({ of, atMs })
    const user = of === 'task' ? probeUser : probeReporter
    const sent = crowd.run(client, crowd.at(atMs), signal, user as AnyActivity).then(({ how, tookMs }) => {
      probes.push(how === 'done' ? { of, atMs, tookMs } : { of, atMs })
    })
    underWay.add(sent)
    void sent.finally(() => underWay.delete(sent))
  }
  for (let i = 0; span.fromMs + i * PROBE_INTERVAL_MS < span.toMs; i++) {
    const atMs = span.fromMs + i * PROBE_INTERVAL_MS
    if (!(await sleepUntil(crowd.at(atMs), signal))) break
    send(atMs, 'task')
    if (i % REPORT_EVERY === 0) send(atMs, 'report')
  }
  await withinGrace(underWay)
  return probes.toSorted((a, b) => a.atMs - b.atMs)
}

async function withinGrace(underWay: Iterable<Promise<unknown>>): Promise<void> {
  const over = new AbortController()
  const all = Promise.all(underWay).finally(() => over.abort())
  // Ends with the first of the two; the other is left behind.
  await Promise.race([all, sleep(GRACE_MS, undefined, { signal: over.signal }).catch(() => undefined)])
}
