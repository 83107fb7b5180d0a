import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseStored, storedPart } from '#platform/json/load-stored.ts'
import { jsonBlobSchema } from '#schemas/blob.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { LogEvent, Parent, TaskAccepted, TaskControl } from '#schemas/log-event.ts'
import { DEFAULT_PRIORITY, isBasicPlan } from '#schemas/plan.ts'
import { type StepMessage, type StepOutcome, stepMessageSchema } from '#schemas/step-message.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { buildStepMessage, isItemStored, itemIndex } from '#workflow/decide/build-step-message.ts'
import { childOrder } from '#workflow/decide/child-order.ts'
import { childOutcome, unstartedChildOutcome } from '#workflow/decide/child-outcome.ts'
import type { Command, Decision, KeptItem, LateReason } from '#workflow/decide/commands.ts'
import { decide, nextDueMs } from '#workflow/decide/decide.ts'
import { bodyOfRun, RESERVED_AGENTS } from '#workflow/decide/run-body.ts'
import { splitRunId } from '#workflow/decide/run-id.ts'
import { inlinePayload, offloadedPayload, undispatchedOutcome } from '#workflow/decide/step-payload.ts'
import { evaluationOutcome, type StoredSources, storedItem } from '#workflow/decide/stored-evaluations.ts'
import { type AdmitDeps, admitSubmission } from './admit-submission.ts'
import type { Attempts } from './attempts.ts'
import type { MemoryObjects } from './memory-blobs.ts'
import { eventEntry, type TaskHistory, toldEntry } from './task-history.ts'
import type { RetryOrigin } from './task-requests.ts'
import type { VirtualClock } from './virtual-clock.ts'

export interface MemoryTasksDeps extends AdmitDeps {
  objects: MemoryObjects
  attempts: Attempts
  clock: VirtualClock
  history: TaskHistory
  tenant: string
  /** In front of the ids of tasks. */
  seed: string
}

type EventOf = LogEvent extends infer Event
  ? Event extends LogEvent
    ? Omit<Event, 'atMs' | 'seq'>
    : never
  : never

/** What a broker takes in one message. Bytes. */
const MAX_PAYLOAD_BYTES = 1024 * 1024
/** Nothing is forgotten while a test runs. */
const OPTIONS = { keepFinishedMs: Number.MAX_SAFE_INTEGER }

/**
 * Tasks in memory: every event goes through `decide`, as in an orchestrator, and its commands are carried out one after the other, in
 * their order, so that the same test gives the same history. Nothing happens by itself: `settle` does what can be done now, `advanceTo` lets
 * time pass.
 */
export class MemoryTasks {
  readonly #deps: MemoryTasksDeps
  readonly #states = new Map<string, TaskState>()
  readonly #active = new Set<string>()
  readonly #children = new Map<string, string[]>()
  readonly #items = new Map<string, Map<number, KeptItem['outcome']>>()
  readonly #keys = new Map<string, { taskId: string; body: string }>()
  /** Stored values that a plan was decided on: read once. */
  readonly #values = new Map<string, JsonValue>()
  #queue: { taskId: string; command: Command }[] = []
  #seq = 0
  #submitted = 0

  constructor(deps: MemoryTasksDeps) {
    this.#deps = deps
  }

  /** @throws MurmurError TASK_NOT_FOUND */
  find(taskId: string): TaskState {
    const state = this.#states.get(taskId)
    if (!state)
      throw new MurmurError('TASK_NOT_FOUND', `there is no task "${taskId}" in this test environment`)
    return state
  }

  /** All tasks, in the order in which they came. */
  all(): TaskState[] {
    return [...this.#states.values()]
  }

  /** A task with those that are its children, and theirs. */
  familyOf(taskId: string): TaskState[] {
    const ids = [taskId]
    for (const id of ids) ids.push(...(this.#children.get(id) ?? []))
    return ids.flatMap((id) => this.#states.get(id) ?? [])
  }

  /**
   * Takes a submission in, with the checks that it meets in production.
   * @returns the id of the task: of the one before, when the same comes again under the same key
   * @throws MurmurError what a submission is refused for; UNKNOWN_AGENT, which says how an agent is added
   */
  accept(
    submission: unknown,
    { taskId: ownId, ...origin }: { taskId?: string; parent?: Parent } & Partial<RetryOrigin> = {},
  ): string {
    const { tenant, seed } = this.#deps
    const body = JSON.stringify(submission)
    const { submission: parsed, type, input, plan, ...times } = admitSubmission(body, this.#deps)
    const { idempotencyKey: key } = parsed
    const known = key === undefined ? undefined : this.#keys.get(key)
    const request = origin.results ? `${body} ${Object.keys(origin.results).toSorted()}` : body
    if (known?.body === request) return known.taskId
    if (known)
      throw new MurmurError(
        'IDEMPOTENCY_CONFLICT',
        `the idempotency key was used before, for task ${known.taskId} with another body`,
      )
    const taskId = ownId ?? `${seed}-${++this.#submitted}`
    if (key !== undefined) this.#keys.set(key, { taskId, body: request })
    const accepted: TaskAccepted = {
      v: isBasicPlan(plan) && !origin.parent && !origin.results ? 1 : 2,
      ...{ taskId, tenant, type, priority: parsed.priority ?? DEFAULT_PRIORITY, bodyHash: '', input, plan },
      ...times,
      ...(parsed.labels && { labels: parsed.labels }),
      ...origin,
    }
    if (origin.parent) {
      const siblings = this.#children.get(origin.parent.taskId) ?? []
      siblings.push(taskId)
      this.#children.set(origin.parent.taskId, siblings)
    }
    this.#append({ kind: 'accepted', body: accepted })
    return taskId
  }

  /** Writes what somebody wants of a task. @returns why nothing came of it */
  control(body: TaskControl): LateReason | undefined {
    return this.#append({ kind: 'control', body })
  }

  /** Resolves when all is done that can be done at this moment. @throws TestEnvironmentError when a handler does not end */
  async settle(): Promise<void> {
    for (;;) {
      await this.#carryOut()
      const ended = await this.#deps.attempts.atRest()
      // A handler that is at rest may have sent a signal before.
      if (ended.length === 0 && this.#queue.length === 0) return
      for (const { step, startedAtMs, outcome } of ended) this.#result(step, outcome!, { startedAtMs })
    }
  }

  /** Lets time pass until a moment (Unix ms), doing all that is due on the way. @throws TestEnvironmentError as above */
  async advanceTo(untilMs: number): Promise<void> {
    const { clock, attempts } = this.#deps
    await this.settle()
    for (let next = this.nextMs; next <= untilMs; next = this.nextMs) {
      clock.turnTo(next)
      // What handlers do at this moment comes before what the orchestrator does.
      await this.settle()
      for (const { step } of attempts.takeToTell()) this.#started(step)
      for (const [taskId, dueMs] of this.#due(clock.nowMs()))
        this.#append({ kind: 'timer', body: { v: 1, taskId, dueMs } })
      await this.settle()
    }
    clock.turnTo(untilMs)
  }

  /** When something is due next, of whichever task. Unix ms; Infinity: never. */
  get nextMs(): number {
    const { clock, attempts } = this.#deps
    const due = this.#due(Number.POSITIVE_INFINITY).map(([, dueMs]) => dueMs)
    return due.reduce((a, b) => Math.min(a, b), Math.min(clock.nextMs, attempts.nextToTellMs))
  }

  #due(untilMs: number): [taskId: string, dueMs: number][] {
    const found: [string, number][] = []
    for (const taskId of this.#active) {
      const dueMs = nextDueMs(this.#states.get(taskId)!)
      if (dueMs !== undefined && dueMs <= untilMs) found.push([taskId, dueMs])
    }
    return found
  }

  #append(about: EventOf): LateReason | undefined {
    const event = { ...about, atMs: this.#deps.clock.nowMs(), seq: ++this.#seq } as LogEvent
    const { taskId } = event.body
    const decision = decide(this.#states.get(taskId), event, OPTIONS)
    const { state, commands } = decision
    this.#keepItems(taskId, decision)
    if (state) {
      this.#states.set(taskId, state)
      if (isTerminal(state.status)) this.#active.delete(taskId)
      else this.#active.add(taskId)
    }
    const { history } = this.#deps
    history.add(taskId, eventEntry(event))
    let late: LateReason | undefined
    for (const command of commands) {
      // What is only told is told at once: behind its event, whatever else is to be done.
      if (command.kind === 'RecordLate') late = command.reason
      else if (command.kind !== 'AnnounceEvent') this.#queue.push({ taskId, command })
      else if (command.event.kind !== 'accepted') history.add(taskId, toldEntry(command.event))
    }
    if (late) history.add(taskId, { kind: 'late', text: `it changed nothing: ${late}` })
    return late
  }

  #keepItems(taskId: string, { kept = [], dropped = [] }: Decision): void {
    for (const stepId of dropped) this.#items.delete(`${taskId}:${stepId}`)
    for (const { stepId, index, outcome } of kept) {
      const name = `${taskId}:${stepId}`
      const items = this.#items.get(name) ?? new Map<number, KeptItem['outcome']>()
      this.#items.set(name, items.set(index, outcome))
    }
  }

  /** One after the other: what one of them writes comes before what the next one does, in every run. */
  async #carryOut(): Promise<void> {
    while (this.#queue.length > 0) {
      const queue = this.#queue
      this.#queue = []
      for (const { taskId, command } of queue) await this.#carry(this.#states.get(taskId)!, command)
    }
  }

  async #carry(state: TaskState, command: Command): Promise<void> {
    const { history, attempts } = this.#deps
    switch (command.kind) {
      case 'DispatchStep':
        return this.#dispatch(state, command)
      case 'StartChild':
        return this.#startChild(state, command)
      case 'Evaluate':
        return this.#evaluate(state, command)
      case 'ReportToParent':
        return this.#report(state)
      case 'RetractStep':
        return attempts.drop(state.id, command.stepId, command.attempt)
      case 'CancelChild':
        if (this.#states.has(command.childId)) {
          const reason = `its parent "${state.id}" does not need it any more`
          this.control({ v: 1, taskId: command.childId, action: 'cancel', reason })
        }
        return
      case 'BuryStep': {
        const { stepId, attempt } = command
        history.add(state.id, { kind: 'dead-letter', stepId, attempt, text: `${stepId} is a dead letter` })
        return
      }
      case 'AnnounceEvent':
      case 'RecordLate':
    }
  }

  async #dispatch(state: TaskState, { stepId, attempt }: { stepId: string; attempt: number }): Promise<void> {
    const { attempts, history, objects } = this.#deps
    const agent = bodyOfRun(state.plan, stepId)?.agent ?? ''
    try {
      const message = buildStepMessage(
        state,
        stepId,
        attempt,
        () => 'test.reply',
        await this.#fetched(state, stepId),
      )
      if (!message) return
      const payload =
        inlinePayload(message, MAX_PAYLOAD_BYTES) ?? (await offloadedPayload(message, {}, objects))
      const text = `${stepId}, attempt ${attempt}, goes to agent "${agent}"`
      history.add(state.id, { kind: 'dispatched', stepId, attempt, text })
      attempts.begin(stepMessageSchema.parse(JSON.parse(payload)))
    } catch (error) {
      const about = { taskId: state.id, stepId, attempt, agent }
      this.#result(about, undispatchedOutcome(error))
    }
  }

  async #startChild(
    state: TaskState,
    { stepId, attempt }: { stepId: string; attempt: number },
  ): Promise<void> {
    const { item } = await this.#fetched(state, stepId)
    try {
      const order = childOrder(state, stepId, attempt, item)
      if (!order) return
      const { childId, submission, parent } = order
      const text = `${stepId}, attempt ${attempt}, is child task "${childId}"`
      this.#deps.history.add(state.id, { kind: 'child', stepId, attempt, text })
      this.accept(submission, { taskId: childId, parent })
    } catch (error) {
      const outcome = unstartedChildOutcome(error)
      if (!outcome) throw error
      this.#result({ taskId: state.id, stepId, attempt, agent: RESERVED_AGENTS.childTask }, outcome)
    }
  }

  async #report(child: TaskState): Promise<void> {
    const { parent } = child
    if (!parent) return
    const outcome = await childOutcome(child, this.#deps.objects)
    this.#result({ ...parent, agent: RESERVED_AGENTS.childTask }, outcome, {
      startedAtMs: child.createdAtMs,
      instance: child.id,
    })
  }

  async #evaluate(state: TaskState, { stepId, attempt }: { stepId: string; attempt: number }): Promise<void> {
    const outcome = await evaluationOutcome(state, stepId, this.#sources(state))
    this.#result({ taskId: state.id, stepId, attempt, agent: RESERVED_AGENTS.evaluation }, outcome)
  }

  async #fetched(state: TaskState, runId: string): Promise<{ item?: JsonValue }> {
    const index = itemIndex(state, runId)
    if (index === undefined || !isItemStored(state, runId)) return {}
    return { item: await storedItem(state, splitRunId(runId).stepId, index, this.#sources(state)) }
  }

  #sources({ id }: TaskState): StoredSources {
    return {
      load: (value) => this.#load(value ?? null),
      readItems: async (stepId, total) => {
        const items = this.#items.get(`${id}:${stepId}`)
        return Array.from({ length: total }, (_, index) => items?.get(index))
      },
      blobs: this.#deps.objects,
    }
  }

  async #load(value: JsonValue): Promise<JsonValue> {
    const stored = jsonBlobSchema.safeParse(value).data
    if (!stored) return value
    const { $json } = stored
    const whole = this.#values.get($json.blob) ?? parseStored(await this.#deps.objects.get($json), $json)
    this.#values.set($json.blob, whole)
    return storedPart(stored, whole)
  }

  #result(
    { taskId, stepId, attempt, agent }: Pick<StepMessage, 'taskId' | 'stepId' | 'attempt' | 'agent'>,
    outcome: StepOutcome,
    { startedAtMs = this.#deps.clock.nowMs(), instance = agent } = {},
  ): void {
    const finishedAtMs = this.#deps.clock.nowMs()
    const body = { v: 1 as const, taskId, stepId, attempt, instance, startedAtMs, finishedAtMs, outcome }
    // As it comes out of JSON at the other end.
    const text = JSON.stringify(body)
    this.#append({ kind: 'result', agent, body: JSON.parse(text), bytes: Buffer.byteLength(text) })
  }

  #started({ taskId, stepId, attempt, agent }: StepMessage): void {
    const bornAtMs = this.#deps.clock.nowMs()
    const body = { v: 1 as const, taskId, stepId, attempt, instance: agent, bornAtMs, alone: false }
    this.#append({ kind: 'started', body })
  }
}
