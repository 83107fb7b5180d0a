import { createHash, randomUUID } from 'node:crypto'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { type HeldAnswers, heldBy } from '#platform/nats/held-answers.ts'
import { requestNameOf } from '#platform/nats/hold-headers.ts'
import { type Approval, type HandOn, MAX_HAND_ONS } from '#schemas/approval.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { TaskControl } from '#schemas/log-event.ts'
import type { Submission, SubmissionReceipt } from '#schemas/submission.ts'
import { isTerminal, type StepState, type TaskState } from '#schemas/task.ts'
import { MAX_SIGNAL_BYTES, type RetryTaskResponse } from '#schemas/task-controls.ts'
import type { RequestOf } from '#subjects/operations.ts'
import { partitionOf, SUBJECTS } from '#subjects/subjects.ts'
import { type ApprovalAnswer, checkApprovalAnswer } from '#workflow/decide/approval-answer.ts'
import { isAnswerGiven } from '#workflow/decide/given-answer.ts'
import { isSignalTaken, signalRefusal } from '#workflow/decide/signals.ts'
import { retryOrder } from '#workflow/plan/retry-order.ts'
import type { TaskOrigin } from '../intake/admit.ts'
import type { ObjectKeeping } from '../objects/object-keeping.ts'
import type { LivePartitions } from '../partition-epochs/live-partitions.ts'
import { changeTasks } from './change-tasks.ts'
import { listApprovals } from './list-approvals.ts'
import { TaskFinder, type TaskFinderDeps } from './task-finder.ts'

export interface ControlApiDeps extends TaskFinderDeps {
  /** Keeps what signals and answers refer to for as long as the task is there. */
  keeping?: Pick<ObjectKeeping, 'keepSent'> | undefined
  bus: Bus
  /** Undefined: what nobody can say now is answered so at once. */
  held?: HeldAnswers | undefined
  /** Undefined: those that the log was made with. */
  live?: Pick<LivePartitions, 'withTasks'> | undefined
  /** Takes a submission in as if its tenant had sent it. @throws MurmurError what it is refused for */
  accept: (tenant: string, submission: Submission, origin?: TaskOrigin) => Promise<SubmissionReceipt>
}

const GIVE_UP_AFTER_MS = 5000
/** What is in the log is folded within milliseconds. */
const FOLD_TIMEOUT_MS = 1000
const POLL_INTERVAL_MS = 20

/** What somebody wants of a task: checked against its state as it is known here, then written into its log, which decides. */
export class ControlApi implements Component {
  readonly name = 'task control services'
  readonly #deps: ControlApiDeps
  readonly #tasks: TaskFinder
  #ends: (() => void)[] = []

  constructor(deps: ControlApiDeps) {
    this.#deps = deps
    this.#tasks = new TaskFinder(deps)
  }

  start(): void {
    const serve = heldBy(this.#deps.held, this.#deps.bus)
    this.#ends = [
      serve('cancelTask', (request, { tenant }) => this.cancel(tenant, request)),
      serve('pauseTask', (request, { tenant }) => this.pause(tenant, request)),
      serve('resumeTask', (request, { tenant }) => this.resume(tenant, request)),
      serve('signalTask', (request, { tenant, message }) =>
        // Asked again, because no answer had come: it is the same signal.
        this.#signal(tenant, { ...request, id: request.id ?? requestNameOf(message) ?? randomUUID() }),
      ),
      serve('listApprovals', (request, { tenant }) => listApprovals(this.#deps, tenant, request)),
      serve('answerApproval', (request, { tenant }) => this.#answer(tenant, request)),
      serve('handOnApproval', (request, { tenant }) => this.#handOn(tenant, request)),
      serve('retryTask', (request, { tenant }) => this.retry(tenant, request)),
      serve('changeTasks', (request, { tenant }) => changeTasks(this.#deps, this, tenant, request)),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }

  find(tenant: string, taskId: string): Promise<TaskState> {
    return this.#tasks.find(tenant, taskId)
  }

  /** @throws MurmurError TASK_NOT_FOUND, TASK_ALREADY_FINISHED, UNAVAILABLE */
  async cancel(tenant: string, { taskId, reason }: RequestOf<'cancelTask'>) {
    const task = await this.#active(tenant, taskId)
    await this.#write(task, { v: 1, taskId, action: 'cancel', ...(reason && { reason }) }, randomUUID())
    return accepted(taskId)
  }

  /** @throws MurmurError TASK_NOT_FOUND, TASK_ALREADY_FINISHED, TASK_STATE_CONFLICT, UNAVAILABLE */
  async pause(tenant: string, { taskId, reason }: RequestOf<'pauseTask'>) {
    const task = await this.#active(tenant, taskId)
    if (task.status === 'paused' || task.status === 'compensating') throw conflict(task, 'paused')
    await this.#write(task, { v: 2, taskId, action: 'pause', ...(reason && { reason }) })
    return accepted(taskId)
  }

  /** @throws MurmurError TASK_NOT_FOUND, TASK_ALREADY_FINISHED, TASK_STATE_CONFLICT, UNAVAILABLE */
  async resume(tenant: string, { taskId }: RequestOf<'resumeTask'>) {
    const task = await this.#active(tenant, taskId)
    if (task.status !== 'paused') throw conflict(task, 'resumed')
    await this.#write(task, { v: 2, taskId, action: 'resume' })
    return accepted(taskId)
  }

  /** @throws MurmurError TASK_NOT_FOUND, TASK_NOT_FINISHED, INVALID_REQUEST, and what submissions are refused for */
  async retry(tenant: string, request: RequestOf<'retryTask'>): Promise<RetryTaskResponse> {
    const task = await this.#tasks.find(tenant, request.taskId)
    if (!isTerminal(task.status))
      throw new MurmurError(
        'TASK_NOT_FINISHED',
        `task "${task.id}" is ${task.status}: cancel it first, or wait for its end`,
      )
    const { submission, ...order } = retryOrder(task, request)
    const { results } = order
    const origin = { retryOf: task.id, type: task.type, ...order }
    const { taskId, duplicate } = await this.#deps.accept(tenant, submission, origin)
    return { taskId, duplicate, retryOf: task.id, kept: Object.keys(results) }
  }

  async #signal(tenant: string, { taskId, name, payload, id }: RequestOf<'signalTask'> & { id: string }) {
    const bytes = payload === undefined ? 0 : Buffer.byteLength(JSON.stringify(payload))
    if (bytes > MAX_SIGNAL_BYTES)
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `the payload of a signal has ${bytes} bytes, at most ${MAX_SIGNAL_BYTES} are taken`,
      )
    const task = await this.#tasks.find(tenant, taskId)
    // Sent again, because the reply was lost: it is the same signal, whatever became of the task since.
    if (isSignalTaken(task, id)) return { ...accepted(taskId), id }
    assertActive(task)
    const control: TaskControl = {
      ...{ v: 2, taskId, action: 'signal', name, id },
      ...(payload !== undefined && { payload }),
    }
    const refusal = signalRefusal(task, { name, id, ...(payload !== undefined && { payload }) })
    if (refusal === 'compensating')
      throw new MurmurError(
        'TASK_STATE_CONFLICT',
        `task "${taskId}" undoes what it has done: it takes no signals`,
      )
    if (refusal === 'signal-buffer-full')
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `task "${taskId}" keeps as many signals as it may (${LIMITS.bufferedSignals}, ${LIMITS.bufferedSignalBytes} bytes): nobody has taken them yet`,
      )
    if (payload !== undefined) await this.#deps.keeping?.keepSent(task, payload)
    await this.#write(task, control, `${taskId}:signal:${id}`)
    return { ...accepted(taskId), id }
  }

  async #answer(tenant: string, request: RequestOf<'answerApproval'>) {
    const { taskId, stepId, by = 'unknown', ...answer } = request
    const task = await this.#tasks.find(tenant, taskId)
    if (isAnswerGiven(task, stepId, { ...answer, by })) return accepted(taskId)
    assertActive(task)
    const { approval } = openQuestion(task, stepId, answer.attempt)
    const issues = checkApprovalAnswer(approval, { ...answer, by })
    if (issues.length > 0)
      throw new MurmurError(
        'INVALID_REQUEST',
        `the answer does not suit the question: ${issues[0]!.message}`,
        {
          issues,
        },
      )
    await this.#deps.keeping?.keepSent(task, answer)
    const control: TaskControl = { v: 2, taskId, action: 'approval', stepId, by, ...answer }
    // The first answer counts: the broker drops a second one within its window, and the fold whatever comes later.
    const first = await this.#write(task, control, `${taskId}:approval:${stepId}:${answer.attempt}`)
    if (first.duplicate && !(await this.#isGiven(tenant, taskId, stepId, { ...answer, by })))
      throw new MurmurError('APPROVAL_NOT_OPEN', `step "${stepId}" of task "${taskId}" has just been decided`)
    return accepted(taskId)
  }

  /** Asked twice with the same, it is written once. */
  async #handOn(tenant: string, request: RequestOf<'handOnApproval'>) {
    const { taskId, stepId, attempt, to, keep, by = 'unknown', reason } = request
    const task = await this.#tasks.find(tenant, taskId)
    assertActive(task)
    const { handedOn = [] } = openQuestion(task, stepId, attempt).state
    const order = { to, keep, by, ...(reason !== undefined && { reason }) }
    const last = handedOn.at(-1)
    if (last && isSameHandOn(last, order)) return accepted(taskId)
    if (handedOn.length >= MAX_HAND_ONS)
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `step "${stepId}" of task "${taskId}" was handed on ${MAX_HAND_ONS} times: somebody has to decide`,
      )
    const control: TaskControl = { v: 2, taskId, action: 'hand-on', stepId, attempt, ...order }
    const digest = createHash('sha256').update(JSON.stringify(order)).digest('hex').slice(0, 16)
    const msgId = `${taskId}:hand-on:${stepId}:${attempt}:${handedOn.length}:${digest}`
    await this.#write(task, control, msgId)
    return accepted(taskId)
  }

  /** An answer is in the log that is not folded yet: whether it was this one. @throws MurmurError UNAVAILABLE while it can't be told */
  async #isGiven(
    tenant: string,
    taskId: string,
    stepId: string,
    answer: ApprovalAnswer & { attempt: number },
  ): Promise<boolean> {
    const { clock } = this.#deps
    const untilMs = clock.monotonicMs() + FOLD_TIMEOUT_MS
    for (;;) {
      const task = await this.#tasks.find(tenant, taskId)
      const { status, attempt } = task.steps[stepId]!
      if (status !== 'awaiting-approval' || attempt !== answer.attempt)
        return isAnswerGiven(task, stepId, answer)
      if (clock.monotonicMs() >= untilMs)
        throw new MurmurError(
          'UNAVAILABLE',
          `step "${stepId}" of task "${taskId}" has just been decided, and it is not known yet how`,
          { retryAfterMs: FOLD_TIMEOUT_MS },
        )
      await clock.sleep(POLL_INTERVAL_MS)
    }
  }

  async #active(tenant: string, taskId: string): Promise<TaskState> {
    const task = await this.#tasks.find(tenant, taskId)
    assertActive(task)
    return task
  }

  /** Pause and resume, one after the other, are apart by the state that they were asked in. */
  async #write(
    task: TaskState,
    control: TaskControl,
    msgId = `${task.id}:${control.action}:${task.seq}`,
  ): Promise<{ duplicate: boolean }> {
    const { bus, partitions } = this.#deps
    const subject = SUBJECTS.log(partitionOf(task.id, partitions), 'control')
    return bus.publisher.publish(subject, JSON.stringify(control), {
      msgId,
      giveUpAfterMs: GIVE_UP_AFTER_MS,
      payload: { tenant: task.tenant, taskId: task.id },
    })
  }
}

function assertActive({ id, status }: TaskState): void {
  if (isTerminal(status)) throw new MurmurError('TASK_ALREADY_FINISHED', `task "${id}" is ${status} already`)
}

/** @throws MurmurError APPROVAL_NOT_OPEN, also for a step that never asks */
function openQuestion(
  task: TaskState,
  stepId: string,
  attempt: number,
): { approval: Approval; state: StepState } {
  const step = task.plan.steps.find(({ id }) => id === stepId)
  const current = task.steps[stepId]
  if (!step?.approval)
    throw new MurmurError('APPROVAL_NOT_OPEN', `step "${stepId}" of task "${task.id}" asks for no approval`)
  if (current?.status !== 'awaiting-approval' || current.attempt !== attempt)
    throw new MurmurError(
      'APPROVAL_NOT_OPEN',
      `step "${stepId}" is ${current?.status ?? 'unknown'}${current ? ` at attempt ${current.attempt}` : ''}: there is nothing to decide at attempt ${attempt}`,
    )
  return { approval: step.approval, state: current }
}

function isSameHandOn(last: HandOn, { to, keep, by, reason }: Omit<HandOn, 'atMs' | 'escalations'>): boolean {
  return (
    last.keep === keep && last.by === by && last.reason === reason && last.to.join('\n') === to.join('\n')
  )
}

function accepted(taskId: string) {
  return { taskId, accepted: true as const }
}

function conflict({ id, status }: TaskState, wish: string): MurmurError {
  return new MurmurError('TASK_STATE_CONFLICT', `task "${id}" is ${status}: it can't be ${wish} now`)
}
