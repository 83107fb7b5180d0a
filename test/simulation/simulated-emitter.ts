import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { TaskAccepted } from '#schemas/log-event.ts'
import type { Plan } from '#schemas/plan.ts'
import type { StepOutcome, StepResult } from '#schemas/step-message.ts'
import { isTerminal, type StepState, type TaskState } from '#schemas/task.ts'
import { MESSAGE_IDS, partitionOf, SUBJECTS } from '#subjects/subjects.ts'
import { buildStepMessage, isItemStored, itemIndex } from '#workflow/decide/build-step-message.ts'
import { childOrder } from '#workflow/decide/child-order.ts'
import type { Command } from '#workflow/decide/commands.ts'
import { evaluateRun, itemsOf, valuesNeeded } from '#workflow/decide/evaluations.ts'
import { runStateOf } from '#workflow/decide/find-run.ts'
import { listFault } from '#workflow/decide/for-each.ts'
import { splitRunId } from '#workflow/decide/run-id.ts'
import type { TaskCommands } from '../../services/orchestrator/partition/fold-batch.ts'
import { PARTITIONS } from './random-world.ts'
import type { Unplaced } from './simulated-broker.ts'
import type { Surroundings } from './surroundings.ts'

/** Tries of one message, as the publisher has. */
const TRIES = 2

/** Carries out commands as emitter.ts, child-tasks.ts and evaluations.ts do: everything under an id that makes sending twice harmless. */
export class SimulatedEmitter {
  readonly #around: Surroundings
  readonly #partition: number
  readonly #owner: string

  constructor(around: Surroundings, partition: number, owner: string) {
    this.#around = around
    this.#partition = partition
    this.#owner = owner
  }

  /** `onEnd`: all of it is out, or something is not known to be. */
  emit(
    work: readonly TaskCommands[],
    { isWanted, onEnd }: { isWanted: () => boolean; onEnd: (isOut: boolean) => void },
  ): void {
    let left = 1
    let isOut = true
    const ended = (isStored: boolean) => {
      isOut &&= isStored
      if (--left === 0) onEnd(isOut)
    }
    for (const { state, commands } of work)
      for (const command of commands) {
        const deliver = this.#deliveryOf(command, state)
        if (!deliver) continue
        left++
        this.#try(deliver, { tries: TRIES, isWanted, ended })
      }
    ended(true)
  }

  /** A process that has died sends nothing any more; what is on its way arrives. */
  #try(
    deliver: () => boolean | Promise<boolean>,
    about: { tries: number; isWanted: () => boolean; ended: (isStored: boolean) => void },
  ): void {
    const { tries, isWanted, ended } = about
    if (!isWanted()) return
    this.#around.network.send(deliver, (isStored) => {
      if (isStored === undefined && tries > 1) this.#try(deliver, { ...about, tries: tries - 1 })
      else ended(isStored === true)
    })
  }

  /** What reaches the broker; false: it could not be done now. */
  #deliveryOf(command: Command, state: TaskState): (() => boolean | Promise<boolean>) | undefined {
    switch (command.kind) {
      case 'DispatchStep':
        return this.#dispatch(state, command.stepId, command.attempt)
      case 'StartChild':
        return this.#startChild(state, command.stepId, command.attempt)
      case 'Evaluate':
        return this.#evaluate(state, command.stepId, command.attempt)
      case 'BuryStep':
        return this.#bury(state, command.stepId, command.attempt)
      case 'CancelChild':
        return this.#cancelChild(state, command.childId)
      case 'ReportToParent':
        return this.#report(state)
      default:
        return undefined
    }
  }

  #dispatch(state: TaskState, runId: string, attempt: number) {
    const { broker } = this.#around
    const item = isItemStored(state, runId) ? this.#itemOf(state, runId) : undefined
    const message = buildStepMessage(
      state,
      runId,
      attempt,
      (agent) => SUBJECTS.result(this.#partition, agent),
      {
        item,
      },
    )
    if (!message) return undefined
    const id = MESSAGE_IDS.dispatch(state.id, runId, attempt)
    this.#note('DispatchStep', state, id)
    return () => {
      broker.queue({ ...message, resultBatches: true }, id, MESSAGE_IDS.dispatched(id, state.createdAtMs))
      return true
    }
  }

  #bury(state: TaskState, runId: string, attempt: number) {
    const id = MESSAGE_IDS.dispatch(state.id, runId, attempt)
    this.#note('BuryStep', state, id)
    return () => {
      this.#around.broker.bury(id, MESSAGE_IDS.buried(id))
      return true
    }
  }

  #startChild(state: TaskState, runId: string, attempt: number) {
    const item = isItemStored(state, runId) ? this.#itemOf(state, runId) : undefined
    const order = childOrder(state, runId, attempt, item)
    if (!order) return undefined
    this.#note('StartChild', state, MESSAGE_IDS.dispatch(state.id, runId, attempt))
    const { childId, submission, parent } = order
    const { broker, store } = this.#around
    const { input, deadlineMs, plan, labels } = submission as unknown as TaskAccepted & { plan: Plan }
    const body: TaskAccepted = {
      ...{
        v: 2,
        taskId: childId,
        tenant: state.tenant,
        type: 'plan',
        priority: state.priority,
        bodyHash: '',
      },
      ...{ input: input as JsonObject, plan, deadlineMs, delayMs: 0, parent },
      ...(labels && { labels }),
      ...(state.keepFinishedMs !== undefined && { keepFinishedMs: state.keepFinishedMs }),
    }
    const partition = partitionOf(childId, PARTITIONS)
    return async () => {
      const { duplicate } = broker.append(
        partition,
        { kind: 'accepted', body },
        MESSAGE_IDS.accepted(childId),
      )
      if (!duplicate) return true
      const [child] = await store.readTasks(partition, [childId])
      if (child && isTerminal(child.status)) this.#report(child)?.()
      return true
    }
  }

  #cancelChild(state: TaskState, childId: string) {
    this.#note('CancelChild', state, childId)
    return () => {
      const body = {
        v: 1 as const,
        taskId: childId,
        action: 'cancel' as const,
        reason: 'not needed any more',
      }
      const partition = partitionOf(childId, PARTITIONS)
      const { broker, without } = this.#around
      const isTaken =
        without.has('cancel-before-start') ||
        broker.append(partition, { kind: 'control', body }, MESSAGE_IDS.accepted(childId)).duplicate
      if (isTaken) broker.append(partition, { kind: 'control', body }, MESSAGE_IDS.cancelledByParent(childId))
      return true
    }
  }

  #report(child: TaskState) {
    const { parent, id, createdAtMs, finishedAtMs = createdAtMs } = child
    if (!parent || !isTerminal(child.status)) return undefined
    this.#note('ReportToParent', child, '')
    const outcome = this.#outcomeOf(child)
    const times = { startedAtMs: createdAtMs, finishedAtMs }
    return this.#answer({ ...parent, instance: id, ...times, outcome }, '_task')
  }

  #outcomeOf({ id, status, output = null, error }: TaskState): StepOutcome {
    if (status === 'completed') return { kind: 'done', output: this.#around.objects.asOutput(output) }
    const message = `child task ${id} ${status}: ${error?.message ?? ''}`.slice(0, 2000)
    if (status === 'cancelled') return { kind: 'fail', error: { code: 'CANCELLED', message } }
    return { kind: 'retry', error: { code: error?.code ?? 'STEP_FAILED', message } }
  }

  #evaluate(state: TaskState, runId: string, attempt: number) {
    const run = runStateOf(state, runId)
    if (run?.status !== 'dispatched' || run.attempt !== attempt) return undefined
    this.#note('Evaluate', state, MESSAGE_IDS.dispatch(state.id, runId, attempt))
    const startedAtMs = this.#around.timeline.nowMs
    return async () => {
      const outcome = await this.#evaluated(state, runId)
      if (!outcome) return false
      const about = { taskId: state.id, stepId: runId, attempt, instance: this.#owner }
      return this.#answer({ ...about, startedAtMs, finishedAtMs: startedAtMs, outcome }, '_evaluation')()
    }
  }

  async #evaluated(state: TaskState, runId: string): Promise<StepOutcome | undefined> {
    const { stepId, part } = splitRunId(runId)
    if (part === 'items') {
      const list = this.#around.objects.load(itemsOf(this.#withValues(state, stepId), stepId))
      const error = listFault(list)
      return error
        ? { kind: 'fail', error }
        : { kind: 'done', output: { total: (list as JsonValue[]).length } }
    }
    if (part !== 'outputs') return evaluateRun(this.#withValues(state, stepId), runId)
    const count = state.steps[stepId]?.items?.total ?? 0
    const about = { taskId: state.id, stepId, from: 0, count }
    const outcomes = await this.#around.store.readItems(this.#partition, about)
    const outputs: JsonValue[] = []
    for (const outcome of outcomes) {
      if (!outcome) return undefined
      outputs.push('error' in outcome ? { error: outcome.error as unknown as JsonObject } : outcome.output)
    }
    return { kind: 'done', output: this.#around.objects.asOutput(outputs) }
  }

  #answer(result: Omit<StepResult, 'v'>, agent: string) {
    const { taskId, stepId, attempt, instance, startedAtMs, finishedAtMs, outcome } = result
    const body: StepResult = { v: 1, taskId, stepId, attempt, instance, startedAtMs, finishedAtMs, outcome }
    const event: Unplaced = { kind: 'result', body, agent }
    return () => {
      const msgId = MESSAGE_IDS.result(taskId, stepId, attempt, { instance, startedAtMs })
      this.#around.broker.append(partitionOf(taskId, PARTITIONS), event, msgId)
      return true
    }
  }

  #itemOf(state: TaskState, runId: string): JsonValue {
    const { stepId } = splitRunId(runId)
    const list = this.#around.objects.load(itemsOf(this.#withValues(state, stepId), stepId))
    return Array.isArray(list) ? (list[itemIndex(state, runId)!] ?? null) : null
  }

  #withValues(state: TaskState, stepId: string): TaskState {
    const steps: Record<string, StepState> = { ...state.steps }
    for (const { stepId: id, field } of valuesNeeded(state, stepId))
      steps[id] = { ...steps[id]!, [field]: this.#around.objects.load(state.steps[id]?.[field]) }
    return { ...state, steps }
  }

  #note(kind: Command['kind'], { id: taskId }: TaskState, about: string): void {
    const { timeline, onEmission, trace } = this.#around
    trace?.(`${this.#owner} sends ${kind} ${about || taskId}`)
    onEmission({ kind, taskId, about, atMs: timeline.nowMs })
  }
}
