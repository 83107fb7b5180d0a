import type { Clock } from '#platform/clock/clock.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { MESSAGE_IDS } from '#subjects/subjects.ts'
import { runStateOf } from '#workflow/decide/find-run.ts'
import { referenceIn, resolveTemplate } from '#workflow/decide/references.ts'
import { bodyOfRun, type RunBody } from '#workflow/decide/run-body.ts'
import { requirementOf, requirementText } from '#workflow/plan/agent-requirement.ts'
import { namesOf } from '../dispatch/agent-instance.ts'
import type { AgentPolicy } from '../dispatch/agent-policy.ts'
import type { Dispatcher, Turn, WaitingStep } from '../dispatch/dispatcher.ts'
import { placementFor } from '../dispatch/explain-choice.ts'
import { MinHeap } from '../dispatch/min-heap.ts'
import { placementOf } from '../dispatch/placement-of.ts'
import type { Lane, ParkedStep } from './parked-steps.ts'
import type { PartitionStore } from './partition-store.ts'
import type { Placements } from './placements.ts'

export interface QueuedStepsDeps {
  partition: number
  dispatcher: Dispatcher
  /** Keeps who got steps that an instance was chosen for. */
  placements?: Pick<Placements, 'record'> | undefined
  store: Pick<PartitionStore, 'readTasks'>
  clock: Clock
  /** Sends a step whose turn has come. @returns the lane that it has to wait in for room */
  send: (state: TaskState, step: ParkedStep) => Promise<Lane | undefined>
  park: (lane: Lane, step: ParkedStep) => void
}

interface Held {
  step: ParkedStep
  queued: WaitingStep
  isOver: boolean
}

const RETRY_MS = 100
const MAX_RETRY_MS = 2000

/**
 * Steps of one partition that wait for their turn with the dispatcher. They hold the emitted watermark back until they are out, so
 * whoever owns the partition next finds them.
 */
export class QueuedSteps {
  readonly #deps: QueuedStepsDeps
  readonly #held = new MinHeap<Held>()
  #released: Held[] = []
  #ending = new AbortController()

  constructor(deps: QueuedStepsDeps) {
    this.#deps = deps
  }

  /** The first position in the log that something waits from; undefined when nothing waits. */
  get heldFrom(): number | undefined {
    for (let first = this.#held.peek(); first; first = this.#held.peek()) {
      if (!first.isOver && !first.queued.isGone) return first.step.seq
      this.#held.pop()
    }
    return undefined
  }

  /** Whether a step may go at once. If not it goes by itself when its turn comes, or has to be offered again. */
  offer(state: TaskState, step: ParkedStep): Turn {
    const { dispatcher, partition } = this.#deps
    const plan = bodyOfRun(state.plan, step.stepId)
    if (!plan) return 'go'
    const queued: WaitingStep = {
      id: MESSAGE_IDS.dispatch(step.taskId, step.stepId, step.attempt),
      taskId: step.taskId,
      stepId: step.stepId,
      attempt: step.attempt,
      agent: plan.agent,
      partition,
      seq: step.seq,
      tenant: state.tenant,
      taskType: state.type,
      template: state.template,
      ...keysOf(state, plan, dispatcher.policyOf(plan.agent)),
      ...placementOf(plan),
      priority: state.priority,
      isGone: false,
      state,
      release: () => this.#release(held),
    }
    const held: Held = { step, queued, isOver: false }
    const turn = dispatcher.offer(queued)
    if (turn === 'waits') {
      queued.sinceMs = runStateOf(state, step.stepId)?.dispatchedAtMs
      this.#held.push(held, step.seq)
    }
    return turn
  }

  /** The queue of the instance that was chosen for it; undefined: that of all. */
  queueOf(step: ParkedStep): number | undefined {
    return this.#deps.dispatcher.sentOf(step)?.queue
  }

  /** Which instance was chosen for it, and why, for those who watch its task; undefined: none was. */
  choiceEvent(state: TaskState, step: ParkedStep): TaskEvent | undefined {
    const choice = this.#deps.dispatcher.sentOf(step)?.choice
    if (choice?.to !== 'instance') return undefined
    return this.#note(state, step, `sent to ${choice.instance}: ${choice.because}`)
  }

  /** The same for those who ask later. Before it is out: whoever sees its result can see who was chosen for it. */
  keepPlacement(state: TaskState, step: ParkedStep): void {
    const { dispatcher, placements, partition, clock } = this.#deps
    const sent = dispatcher.sentOf(step)
    if (!sent) return
    const { strategy } = dispatcher.policyOf(sent.step.agent)
    const about = { strategy, attempt: step.attempt, atMs: clock.nowMs() }
    const placement = placementFor(sent.choice, about)
    if (placement) placements?.record(partition, state, step.stepId, placement)
  }

  /** Why a step waits whose type is paused, whose instances are all drained, or that only some may have, for those who watch its task; undefined for others. */
  waitingEvent(state: TaskState, step: ParkedStep): TaskEvent | undefined {
    const plan = bodyOfRun(state.plan, step.stepId)
    if (!plan) return undefined
    const held = this.#deps.dispatcher.heldBy({ taskType: state.type, template: state.template })
    if (held !== undefined) return this.#note(state, step, `waits: tasks of type "${held}" are paused`)
    const drained = this.#deps.dispatcher.drainedAlone(plan.agent)
    if (drained.length > 0)
      return this.#note(
        state,
        step,
        `waits: every instance of ${plan.agent} is drained by an operator: ${namesOf(drained)}`,
      )
    if (requirementOf(plan) === undefined) return undefined
    const why = this.#deps.dispatcher.whyNobody({ agent: plan.agent, ...placementOf(plan) })
    return this.#note(state, step, `waits for an instance of ${plan.agent} ${requirementText(plan)}: ${why}`)
  }

  #note(state: TaskState, step: ParkedStep, note: string): TaskEvent {
    return {
      v: 1,
      kind: 'progress',
      taskId: state.id,
      type: state.type,
      atMs: this.#deps.clock.nowMs(),
      stepId: step.stepId,
      attempt: step.attempt,
      note,
    }
  }

  /** Forgets everything: the owner starts over, and offers again what is unresolved. */
  clear(): void {
    this.#ending.abort()
    this.#ending = new AbortController()
    this.#held.clear()
    this.#released = []
    this.#deps.dispatcher.forgetPartition(this.#deps.partition)
  }

  /** Those that are released in one turn of the loop go together: one reading, one packet. */
  #release(held: Held): void {
    this.#released.push(held)
    if (this.#released.length === 1) queueMicrotask(() => void this.#sendReleased(this.#ending.signal))
  }

  async #sendReleased(signal: AbortSignal): Promise<void> {
    let left = this.#released
    this.#released = []
    for (
      let retryMs = RETRY_MS;
      left.length > 0 && !signal.aborted;
      retryMs = Math.min(MAX_RETRY_MS, 2 * retryMs)
    ) {
      left = await this.#sendAll(left, signal)
      // The store does not answer, or the connection is away: again after a pause, or ended from outside.
      if (left.length > 0) await this.#deps.clock.sleep(retryMs, signal)
    }
  }

  /** @returns those that could not be tried */
  async #sendAll(all: Held[], signal: AbortSignal): Promise<Held[]> {
    const { store, partition, send, park } = this.#deps
    const missing = all.filter(({ queued }) => queued.state === undefined).map(({ step }) => step.taskId)
    const read = missing.length === 0 ? [] : await store.readTasks(partition, missing).catch(() => undefined)
    if (read === undefined) return all
    const found = new Map(missing.map((taskId, i) => [taskId, read[i]]))
    const left = await Promise.all(
      all.map(async (held) => {
        const { step, queued } = held
        const state = queued.state ?? found.get(step.taskId)
        try {
          const lane = state && (await send(state, step))
          if (lane && !signal.aborted) park(lane, step)
        } catch {
          return held
        }
        held.isOver = true
        queued.state = undefined
        return undefined
      }),
    )
    return left.filter((held) => held !== undefined)
  }
}

/** What the step is fair by, and what `sticky` goes by. */
function keysOf(
  state: TaskState,
  { input }: Pick<RunBody, 'input'>,
  { keyLabel, stickyPath }: Pick<AgentPolicy, 'keyLabel' | 'stickyPath'>,
): { key: string; stickyKey: string | undefined } {
  const key = keyLabel === undefined ? '' : (state.labels?.[keyLabel] ?? '')
  if (stickyPath === undefined) return { key, stickyKey: key === '' ? undefined : key }
  let found: JsonValue | undefined = input
  for (const name of stickyPath) {
    // A reference in between: what it brings in holds the rest of the path.
    if (referenceIn(found ?? null) !== undefined) found = resolveTemplate(found!, state)
    found = childOf(found, name)
  }
  if (found === undefined) return { key, stickyKey: undefined }
  const value = resolveTemplate(found, state)
  return {
    key,
    stickyKey: typeof value === 'string' ? value : JSON.stringify(value).slice(0, MAX_KEY_CHARACTERS),
  }
}

const MAX_KEY_CHARACTERS = 1000

function childOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined
}
