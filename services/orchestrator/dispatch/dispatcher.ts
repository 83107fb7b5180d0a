import type { Clock } from '#platform/clock/clock.ts'
import type { AgentHeartbeat } from '#schemas/agent.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import type { StepResult } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import { MESSAGE_IDS } from '#subjects/subjects.ts'
import { runStateOf } from '#workflow/decide/find-run.ts'
import {
  AgentDispatch,
  type Placeable,
  type QueuedStep,
  type SentStep,
  type StepEnd,
} from './agent-dispatch.ts'
import type { AgentInstance } from './agent-instance.ts'
import { type AgentPolicy, DEFAULT_POLICY } from './agent-policy.ts'
import type { BreakerState } from './breaker.ts'
import type { LoadedStep } from './held-loads.ts'
import { pausedNameOf, type TypedStep } from './held-steps.ts'
import { endWithoutResult, judgeOutcome } from './judge-call.ts'
import { PlacesByKind } from './places-by-kind.ts'
import { type Choice, drainedAlone } from './strategy.ts'

/** An attempt that a partition wants to have dispatched. */
export interface WaitingStep extends QueuedStep, TypedStep {
  taskId: string
  stepId: string
  attempt: number
  agent: string
  partition: number
  /** Of the state that it was dispatched from. */
  seq: number
  /** Since when it waits, by the broker's clock; missing: it has not waited yet. Unix ms. */
  sinceMs?: number | undefined
  /** As it was then; missing where too many wait, and then it is read again. What it is built from never changes. */
  state: TaskState | undefined
  /** Sends it: its turn has come. */
  release: (step: WaitingStep) => void
}

export interface DispatcherDeps {
  clock: Clock
  /** The broker's time. Unix ms. */
  brokerNowMs: () => number
  policyOf?: (agent: string) => AgentPolicy
  /** Orchestrators that live, this one among them. */
  orchestrators: () => number
  onTransition?: (about: Transition) => void
  /** Steps that wait here before those beyond are told to come again; some of each agent type may beyond that. */
  maxWaiting?: number
  /** Told how many more or fewer wait. */
  count?: { add(agent: string, change: number): void }
}

/** A circuit breaker has opened, closed, or tries. `instance`: undefined for that of the whole type. */
export interface Transition {
  agent: string
  instance: string | undefined
  state: BreakerState
  because: string
}

type Attempt = Pick<WaitingStep, 'taskId' | 'stepId' | 'attempt'>

interface Tracked {
  step: WaitingStep
  /** Undefined while it waits. */
  sent: SentStep<WaitingStep> | undefined
}

/** `go`: at once. `waits`: it is released when its turn comes. `full`: too much waits, come again. */
export type Turn = 'go' | 'waits' | 'full'

/** Waiting steps of all agent types, some 300 bytes each: 30 MB. */
const MAX_WAITING = 100_000
/** So many of each type may wait whatever waits of others: nobody is held up by agents that are away. */
const OWN_WAITING = 1000
/** Agent types that are heard of. */
const MAX_AGENTS = 10_000
/** Of so many the states are kept in memory, so that a short wait costs no reading. */
const MAX_STATES = 1000
/** While something waits its agent type is looked at so often, because heartbeats change what may go. Milliseconds. */
const POLL_INTERVAL_MS = 50

/**
 * Decides when and to whom steps of an orchestrator's partitions go, one `AgentDispatch` an agent type. Between emitters and queues: what
 * may go at once goes at once, what may not waits here, found again in the states of its tasks by whoever owns the partition next.
 */
export class Dispatcher {
  readonly #deps: DispatcherDeps
  readonly #agents = new Map<string, AgentDispatch<WaitingStep>>()
  /** By task: an event of a task ends what is not out any more. */
  readonly #tasks = new Map<string, Map<string, Tracked>>()
  readonly #polling = new Set<string>()
  /** Steps of paused types, which wait beside the queues. */
  readonly #held = new Set<Tracked>()
  #pausedTypes: ReadonlySet<string> = new Set()
  readonly #stopping = new AbortController()
  readonly #places: PlacesByKind
  /** Somebody else than the tenant of those who name none was here: agents are shared from then on. */
  #isShared = false

  constructor(deps: DispatcherDeps) {
    this.#deps = deps
    this.#places = new PlacesByKind({ max: deps.maxWaiting ?? MAX_WAITING, own: OWN_WAITING })
  }

  /** A partition wants an attempt to go. Again for one that is known already: the same answer. */
  offer(step: WaitingStep): Turn {
    this.#isShared ||= step.tenant !== DEFAULT_TENANT
    const known = this.#tasks.get(step.taskId)?.get(step.id)
    if (known) return known.sent ? 'go' : 'waits'
    if (this.#pausedTypes.size > 0 && pausedNameOf(step, this.#pausedTypes) !== undefined) {
      // What is held must not take the places of what may go.
      if (this.#held.size >= (this.#deps.maxWaiting ?? MAX_WAITING)) return 'full'
      this.#hold({ step, sent: undefined }, 'aside')
      return 'waits'
    }
    if (this.#places.roomFor(step.agent) === 0) return 'full'
    const agent = this.#agent(step.agent)
    if (this.#places.total >= MAX_STATES) step.state = undefined
    const tracked: Tracked = { step, sent: undefined }
    this.#track(tracked)
    this.#countWaiting(step.agent, 1)
    agent.push(step)
    this.#release(step.agent, step)
    return tracked.sent ? 'go' : 'waits'
  }

  /** From now on tasks of these types, or of these templates, take no new steps; those of others go on. What is out runs on. */
  pauseTypes(names: ReadonlySet<string>): void {
    this.#pausedTypes = names
    for (const tasks of this.#tasks.values())
      for (const one of tasks.values())
        if (!one.sent && !this.#held.has(one) && pausedNameOf(one.step, names) !== undefined)
          this.#hold(one, 'queued')
    const agents = new Set<string>()
    for (const one of this.#held) {
      const { step } = one
      if (pausedNameOf(step, names) !== undefined) continue
      this.#held.delete(one)
      // One that still stands in its queue keeps its place there.
      if (step.held === 'aside') this.#agent(step.agent).push(step)
      step.held = undefined
      this.#countWaiting(step.agent, 1)
      agents.add(step.agent)
    }
    for (const agent of agents) this.#release(agent)
  }

  /** Steps that the pause of a type or of a template holds back. */
  heldOf(name: string): number {
    const names = new Set([name])
    let count = 0
    for (const { step } of this.#held) if (pausedNameOf(step, names) !== undefined) count++
    return count
  }

  /** The paused name that holds it back; undefined: none does. */
  heldBy(step: TypedStep): string | undefined {
    return pausedNameOf(step, this.#pausedTypes)
  }

  /** From now on these instances of a type get nothing; what they have they keep. */
  drain(agent: string, instances: ReadonlySet<string>): void {
    this.#agent(agent).drain(instances)
    this.#release(agent)
  }

  /** Instances of a type that live, when an operator drains every one of them; none otherwise. */
  drainedAlone(agent: string): string[] {
    return drainedAlone(this.instancesOf(agent), this.#nowMs)
  }

  /** How it was sent; undefined when it is not out from here. */
  sentOf({ taskId, stepId, attempt }: Attempt): Readonly<SentStep<WaitingStep>> | undefined {
    return this.#tasks.get(taskId)?.get(MESSAGE_IDS.dispatch(taskId, stepId, attempt))?.sent
  }

  /** Who gets it instead of the instance whose queue it lies in: `queue` undefined is any. Undefined: nobody may, now. */
  placeInstead(agent: string, step: Placeable): { choice: Choice; queue: number | undefined } | undefined {
    const dispatch = this.#agent(agent)
    dispatch.configure(this.policyOf(agent), this.#deps.orchestrators(), this.#isShared)
    return dispatch.placeInstead(step, this.#nowMs)
  }

  /** It was taken from the queue of an instance, for any or for who was chosen instead. */
  handBack(attempt: Attempt, instead?: { choice: Choice; queue: number | undefined }): void {
    const sent = this.sentOf(attempt)
    if (sent) this.#agent(sent.step.agent).handBack(sent, this.#nowMs, instead)
  }

  /** Why a step that waits gets nobody, for people. */
  whyNobody(step: Pick<WaitingStep, 'agent' | 'requirements'>): string {
    return this.#agent(step.agent).whyNobody(step, this.#nowMs)
  }

  /** Those of an agent type that are known. */
  instancesOf(agent: string): AgentInstance[] {
    return this.#agents.get(agent)?.instances.list(this.#nowMs) ?? []
  }

  /** A result has been folded: with it the step has ended, and what it took is known. */
  onResult({ taskId, stepId, attempt, outcome, ...ran }: StepResult): void {
    const tracked = this.#tasks.get(taskId)?.get(MESSAGE_IDS.dispatch(taskId, stepId, attempt))
    if (!tracked) return
    const usedMs = Math.max(0, ran.finishedAtMs - ran.startedAtMs)
    this.#end(tracked, { verdict: judgeOutcome(outcome), usedMs, instance: ran.instance })
  }

  /** A task has moved on: what is not out any more by its state has ended. @param atMs the broker's time of the event */
  onTask(state: TaskState, atMs: number): void {
    const tracked = this.#tasks.get(state.id)
    if (!tracked) return
    for (const one of [...tracked.values()]) {
      const current = runStateOf(state, one.step.stepId)
      if (one.sent)
        this.#agent(one.step.agent).lagged(Math.max(0, this.#deps.brokerNowMs() - atMs), this.#nowMs)
      if (current?.status === 'dispatched' && current.attempt === one.step.attempt) continue
      this.#end(one, endWithoutResult(current))
    }
  }

  policyOf(agent: string): AgentPolicy {
    return this.#deps.policyOf?.(agent) ?? DEFAULT_POLICY
  }

  onHeartbeat(beat: AgentHeartbeat): void {
    // Whoever may send heartbeats of any type must not fill the memory with types.
    if (this.#agents.size >= MAX_AGENTS && !this.#agents.has(beat.type)) return
    this.#agent(beat.type).instances.heard(beat, this.#nowMs)
  }

  /** Its owner starts over or ends: whoever owns it next offers it anew. */
  forgetPartition(partition: number): void {
    const all = [...this.#tasks.values()].flatMap((steps) => [...steps.values()])
    const own = all.filter(({ step }) => step.partition === partition)
    // First what waits: the end of what is out would release it.
    for (const isOut of [false, true])
      for (const one of own)
        if ((one.sent !== undefined) === isOut) this.#end(one, { verdict: 'void', usedMs: undefined })
  }

  /** All that waits or is out. */
  *steps(): Generator<LoadedStep> {
    for (const tasks of this.#tasks.values())
      for (const { step, sent } of tasks.values())
        yield { agent: step.agent, tenant: step.tenant, sinceMs: step.sinceMs, isOut: sent !== undefined }
  }

  agents(): [string, ReturnType<AgentDispatch<WaitingStep>['snapshot']>][] {
    return [...this.#agents].map(([agent, dispatch]) => [agent, dispatch.snapshot(this.#nowMs)])
  }

  /** What the instances of an agent type can do at most; undefined: not known here. */
  capacityOf(agent: string): { slots: number; serviceMs: number } | undefined {
    return this.#agents.get(agent)?.capacity(this.#nowMs)
  }

  resetBreakers(agent: string): void {
    this.#agents.get(agent)?.resetBreakers()
    this.#release(agent)
  }

  stop(): void {
    this.#stopping.abort()
  }

  get #nowMs(): number {
    return this.#deps.clock.monotonicMs()
  }

  #agent(name: string): AgentDispatch<WaitingStep> {
    let agent = this.#agents.get(name)
    if (!agent) {
      const onTransition = (instance: string | undefined, state: BreakerState, because: string) =>
        this.#deps.onTransition?.({ agent: name, instance, state, because })
      agent = new AgentDispatch({ agent: name, onTransition })
      this.#agents.set(name, agent)
    }
    return agent
  }

  /** @param offered who is being offered is told by the answer, not by its release */
  #release(name: string, offered?: WaitingStep): void {
    const agent = this.#agent(name)
    agent.configure(this.policyOf(name), this.#deps.orchestrators(), this.#isShared)
    const released = agent.release(this.#nowMs)
    for (const sent of released) {
      const { step } = sent
      const tracked = this.#tasks.get(step.taskId)?.get(step.id)
      if (tracked) tracked.sent = sent
      this.#countWaiting(name, -1)
    }
    for (const { step } of released) if (step !== offered) step.release(step)
    if (agent.waiting > 0 && !this.#polling.has(name)) void this.#poll(name, agent)
  }

  /** Until nothing waits any more. */
  async #poll(name: string, agent: AgentDispatch<WaitingStep>): Promise<void> {
    const { signal } = this.#stopping
    this.#polling.add(name)
    while (agent.waiting > 0 && !signal.aborted) {
      await this.#deps.clock.sleep(POLL_INTERVAL_MS, signal)
      if (!signal.aborted) this.#release(name)
    }
    this.#polling.delete(name)
  }

  #countWaiting(agent: string, change: number): void {
    this.#places.add(agent, change)
    this.#deps.count?.add(agent, change)
  }

  #hold(tracked: Tracked, held: 'queued' | 'aside'): void {
    const { step } = tracked
    step.held = held
    step.state = undefined
    this.#held.add(tracked)
    if (held === 'aside') this.#track(tracked)
    else this.#countWaiting(step.agent, -1)
  }

  #track(tracked: Tracked): void {
    const { taskId, id } = tracked.step
    const tasks = this.#tasks.get(taskId) ?? new Map<string, Tracked>()
    tasks.set(id, tracked)
    this.#tasks.set(taskId, tasks)
  }

  #end(tracked: Tracked, end: StepEnd): void {
    const { step, sent } = tracked
    const tasks = this.#tasks.get(step.taskId)
    if (!tasks?.delete(step.id)) return
    if (tasks.size === 0) this.#tasks.delete(step.taskId)
    step.state = undefined
    if (!sent) {
      step.isGone = true
      if (!this.#held.delete(tracked)) this.#countWaiting(step.agent, -1)
      return
    }
    const agent = this.#agent(step.agent)
    // Nobody knows what one used that timed out, or died: all the time since it was sent, at most.
    const usedMs = end.usedMs ?? (end.verdict === 'bad' ? this.#nowMs - sent.sentAtMs : undefined)
    agent.end(sent, { ...end, usedMs }, this.#nowMs)
    if (agent.waiting > 0) this.#release(step.agent)
  }
}
