import { MurmurError } from '#platform/errors/murmur-error.ts'
import { DEFAULT_TENANT, TOKEN_PATTERN } from '#schemas/identifiers.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { type TaskControl, taskControlSchema } from '#schemas/log-event.ts'
import type { Plan } from '#schemas/plan.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { StepMessage } from '#schemas/step-message.ts'
import type { Submission } from '#schemas/submission.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { AgentBlobs, AgentLog } from '../define-agent.ts'
import { loadInput } from '../load-input.ts'
import { AgentTable, type TestHandler } from './agent-table.ts'
import { answerControl, type InboxEntry, openApprovals, type TestAnswer } from './approvals.ts'
import { Attempts } from './attempts.ts'
import { createMemoryBlobs, MemoryObjects } from './memory-blobs.ts'
import { MemorySchedules, type TestSchedule } from './memory-schedules.ts'
import { MemoryTasks } from './memory-tasks.ts'
import { MemoryTemplates, type TestTemplate } from './memory-templates.ts'
import { type HistoryEntry, TaskHistory, toldEntry } from './task-history.ts'
import { type RetryOptions, refusal, retryOfTask } from './task-requests.ts'
import { TestEnvironmentError } from './test-environment-error.ts'
import { momentOf, type TestEnvironmentOptions } from './test-environment-options.ts'
import { VirtualClock } from './virtual-clock.ts'
import { goesOnAtMs, stepsText, waitsFor } from './waiting-tasks.ts'

export type TestSubmission = Submission
export type RunOptions = Omit<Submission, 'plan' | 'input'>

/** How a task ended. */
export interface TestResult {
  status: 'completed' | 'failed' | 'cancelled'
  /** With what lies in the object store put into its place; undefined unless it is completed. */
  output: JsonValue | undefined
  error: TaskError | undefined
  /** The outputs of steps that have one, by step id, in the same way. */
  outputs: Record<string, JsonValue>
  /** All of it, as the API gives it. */
  task: TaskState
}

export interface TestTask {
  readonly id: string
  /** As `env.result`. */
  result(): Promise<TestResult>
  /** As it is now. */
  state(): TaskState
  history(): HistoryEntry[]
}

const DEFAULT_START_MS = 1_767_225_600_000
const DEFAULT_REAL_TIMEOUT_MS = 10_000

export const hours = (value: number): number => value * 3_600_000
export const days = (value: number): number => value * 86_400_000

/** A test environment for plans and agents: in memory, without servers, in virtual time. @throws TypeError, RangeError for options that are none */
export function createTestEnvironment(options: TestEnvironmentOptions = {}): TestEnvironment {
  return new TestEnvironment(options)
}

/**
 * Plans are run as an orchestrator runs them, with the same decisions, checks and messages, and agents as their runner does. Virtual time
 * stands still while handlers work, and each method resolves when nothing more happens without time passing. Calls are carried
 * out one after the other. Handlers may submit, signal and cancel, too, but not wait for time to pass.
 */
export class TestEnvironment {
  readonly #clock: VirtualClock
  readonly #agents: AgentTable
  readonly #objects = new MemoryObjects()
  readonly #history: TaskHistory
  readonly #attempts: Attempts
  readonly #tasks: MemoryTasks
  readonly #schedules: MemorySchedules
  readonly #templates = new MemoryTemplates()
  /** What handlers logged, in order. */
  readonly logged: { taskId: string; stepId: string; level: string; fields: object; message: string }[] = []
  /** Objects in memory: those that handlers put, and those of a test. */
  readonly blobs: AgentBlobs
  #last: Promise<unknown> = Promise.resolve()
  /** Calls that are under way, or wait for their turn. */
  #turns = 0
  #signals = 0
  #retries = 0

  constructor({
    agents = [],
    startAt = DEFAULT_START_MS,
    seed = 'task',
    tenant = DEFAULT_TENANT,
    realTimeoutMs = DEFAULT_REAL_TIMEOUT_MS,
    taskTypes = {},
    templates = [],
  }: TestEnvironmentOptions) {
    if (!TOKEN_PATTERN.test(`${seed}-1000000`))
      throw new TypeError(`the seed "${seed}" must be 1 to 56 characters of A-Z a-z 0-9 _ -`)
    for (const template of templates) this.#templates.put(template)
    this.#clock = new VirtualClock(momentOf(startAt))
    this.#agents = new AgentTable(agents)
    this.#history = new TaskHistory(this.#clock.nowMs)
    this.blobs = createMemoryBlobs(this.#objects)
    const parts = { agents: this.#agents, objects: this.#objects, clock: this.#clock }
    this.#attempts = new Attempts({
      ...parts,
      realTimeoutMs,
      onEvent: (event) => this.#history.add(event.taskId, toldEntry(event)),
      logOf: (step) => this.#logOf(step),
    })
    this.#tasks = new MemoryTasks({
      ...parts,
      ...{ attempts: this.#attempts, history: this.#history, tenant, seed },
      taskTypes: new Map(Object.entries(taskTypes)),
      templates: this.#templates,
    })
    this.#schedules = new MemorySchedules({ tasks: this.#tasks, clock: this.#clock, tenant })
  }

  /** Virtual time. Unix milliseconds */
  nowMs(): number {
    return this.#clock.nowMs()
  }

  /** Puts a function in the place of an agent; the input and output schemas of one that is there stay. From now on. */
  agent(name: string, handler: TestHandler): this {
    this.#agents.replace(name, handler)
    return this
  }

  /** Makes or changes a schedule, which starts tasks as time passes. @throws MurmurError INVALID_REQUEST, INVALID_SCHEDULE */
  schedule(name: string, schedule: TestSchedule): void {
    this.#schedules.put(name, schedule)
  }

  /** Schedules, to look at, pause and resume. */
  get schedules(): Pick<MemorySchedules, 'find' | 'pause' | 'resume'> {
    return this.#schedules
  }

  /** The next version of a template; tasks of an earlier one keep theirs. @returns it. @throws MurmurError what a template is refused for */
  template(template: TestTemplate): number {
    return this.#templates.put(template)
  }

  /**
   * Submits a task, and does what can be done without time passing.
   * @throws MurmurError what a submission is refused for; UNKNOWN_AGENT. TestEnvironmentError when a handler hangs
   */
  async submit(submission: TestSubmission): Promise<TestTask> {
    const id = this.#tasks.accept(submission)
    await this.#settled()
    return this.#taskOf(id)
  }

  /** Submits a plan, and skips time until its task has ended. @throws as `submit` and `result` */
  async run(plan: Plan, input: JsonObject = {}, options: RunOptions = {}): Promise<TestResult> {
    const task = await this.submit({ ...options, plan, input })
    return task.result()
  }

  /**
   * Skips time until a task has ended. Time is not skipped to where only its deadline is due.
   * @throws TestEnvironmentError when it waits for somebody, and says for what; when a handler hangs. MurmurError TASK_NOT_FOUND
   */
  result(taskId: string): Promise<TestResult> {
    return this.#inTurn(async () => {
      await this.#tasks.settle()
      for (let state = this.task(taskId); !isTerminal(state.status); state = this.task(taskId)) {
        const untilMs = this.#nextOf(state)
        const wasMs = this.nowMs()
        await this.#schedules.advanceTo(untilMs)
        // What is due has been done: time goes on, or there is a fault in here.
        if (this.nowMs() === wasMs && this.task(taskId) === state)
          throw new Error(`task "${taskId}" does not go on at ${new Date(wasMs).toISOString()}`)
      }
      return this.#resultOf(this.task(taskId))
    })
  }

  /** Lets so many milliseconds pass, and does all that becomes due on the way, deadlines among it. @throws TestEnvironmentError, RangeError */
  advance(ms: number): Promise<void> {
    if (!(ms >= 0 && Number.isFinite(ms))) throw new RangeError(`time can't pass by ${ms} ms`)
    return this.#inTurn(() => this.#schedules.advanceTo(this.nowMs() + ms))
  }

  /**
   * Sends a signal. One under an `id` that came before is the same, and changes nothing.
   * @throws MurmurError TASK_NOT_FOUND, TASK_ALREADY_FINISHED, LIMIT_EXCEEDED, TASK_STATE_CONFLICT, INVALID_REQUEST
   */
  signal(taskId: string, name: string, payload?: JsonValue, { id }: { id?: string } = {}): Promise<void> {
    const signalId = id ?? `signal-${++this.#signals}`
    return this.#control({
      ...{ v: 2, taskId, action: 'signal', name, id: signalId },
      ...(payload !== undefined && { payload }),
    })
  }

  /** Approves what a step asks. @throws MurmurError as `signal`; APPROVAL_NOT_OPEN, INVALID_REQUEST for an answer that does not suit */
  approve(taskId: string, stepId: string, answer: TestAnswer = {}): Promise<void> {
    return this.#answer(taskId, stepId, { ...answer, decision: 'approved' })
  }

  /** Rejects it. @throws as `approve` */
  reject(taskId: string, stepId: string, answer: TestAnswer = {}): Promise<void> {
    return this.#answer(taskId, stepId, { ...answer, decision: 'rejected' })
  }

  /** @throws MurmurError TASK_NOT_FOUND, TASK_ALREADY_FINISHED, TASK_STATE_CONFLICT when it is paused, or compensates */
  pause(taskId: string, reason?: string): Promise<void> {
    return this.#control({ v: 2, taskId, action: 'pause', ...(reason !== undefined && { reason }) })
  }

  /** @throws MurmurError TASK_NOT_FOUND, TASK_ALREADY_FINISHED, TASK_STATE_CONFLICT when it is not paused */
  resume(taskId: string): Promise<void> {
    return this.#control({ v: 2, taskId, action: 'resume' })
  }

  /** @throws MurmurError TASK_NOT_FOUND, TASK_ALREADY_FINISHED, TASK_STATE_CONFLICT when it compensates */
  cancel(taskId: string, reason?: string): Promise<void> {
    return this.#control({ v: 1, taskId, action: 'cancel', ...(reason !== undefined && { reason }) })
  }

  /**
   * Runs a task that is over again, as a new task that keeps the results of steps that need not run again.
   * @throws MurmurError TASK_NOT_FOUND, TASK_NOT_FINISHED, INVALID_REQUEST, IDEMPOTENCY_CONFLICT, and what submissions are refused for
   */
  async retry(taskId: string, options: RetryOptions = {}): Promise<TestTask> {
    const requestId = options.requestId ?? `retry-${++this.#retries}`
    const { submission, origin } = retryOfTask(this.task(taskId), { ...options, requestId })
    const id = this.#tasks.accept(submission, origin)
    await this.#settled()
    return this.#taskOf(id)
  }

  /** Questions that wait for somebody, in the order in which their tasks came. */
  inbox(): InboxEntry[] {
    return this.#tasks.all().flatMap(openApprovals)
  }

  /** A task as it is now, as the API gives it. @throws MurmurError TASK_NOT_FOUND */
  task(taskId: string): TaskState {
    return this.#tasks.find(taskId)
  }

  /** The child tasks of a task, in the order in which they began. @throws MurmurError TASK_NOT_FOUND */
  children(taskId: string): TaskState[] {
    this.task(taskId)
    return this.#tasks.familyOf(taskId).filter(({ parent }) => parent?.taskId === taskId)
  }

  /** Everything that has happened to a task, in order. @throws MurmurError TASK_NOT_FOUND */
  history(taskId: string): HistoryEntry[] {
    this.task(taskId)
    return this.#history.of(taskId)
  }

  /** Ends handlers that are at work, and calls `stop` of the agents. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      this.#attempts.stop()
      await this.#attempts.atRest()
      await this.#agents.stop()
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#turns++
    const turn = this.#last.then(work, work).finally(() => {
      this.#turns--
    })
    this.#last = turn.catch(() => {})
    return turn
  }

  /** All is done that can be done now. Whoever calls from within a handler does not wait: what is under way waits for the handler. */
  async #settled(): Promise<void> {
    if (this.#turns === 0) await this.#inTurn(() => this.#tasks.settle())
  }

  /** When the family of a task goes on by itself. Unix ms @throws TestEnvironmentError when it does not */
  #nextOf(state: TaskState): number {
    const family = this.#tasks.familyOf(state.id)
    const due = family.flatMap((one) => goesOnAtMs(one) ?? [])
    if (this.#attempts.isInHand(new Set(family.map(({ id }) => id)))) due.push(this.#tasks.nextMs)
    // Its deadline may come before, and is met on the way.
    if (due.length > 0) return Math.max(this.nowMs(), Math.min(...due, ...deadlinesOf(family)))
    const waits = waitsFor(state, (id) => family.find((one) => one.id === id))
    const what = waits.length > 0 ? waits.join('; ') : stepsText(state)
    throw new TestEnvironmentError(
      `task "${state.id}" is ${state.status} and only its deadline is due: ${what} (env.advance(ms) lets time pass all the same)`,
    )
  }

  async #resultOf(task: TaskState): Promise<TestResult> {
    const outputs: Record<string, JsonValue> = {}
    for (const [id, { output }] of Object.entries(task.steps))
      if (output !== undefined) outputs[id] = await this.#whole(output)
    return {
      status: task.status as TestResult['status'],
      output: task.output === undefined ? undefined : await this.#whole(task.output),
      error: task.error,
      outputs,
      task,
    }
  }

  #whole(value: JsonValue): Promise<JsonValue> {
    return loadInput(structuredClone(value), this.blobs)
  }

  #taskOf(id: string): TestTask {
    return {
      id,
      result: () => this.result(id),
      state: () => this.task(id),
      history: () => this.history(id),
    }
  }

  async #answer(
    taskId: string,
    stepId: string,
    answer: TestAnswer & { decision: 'approved' | 'rejected' },
  ): Promise<void> {
    await this.#control(answerControl(this.task(taskId), stepId, answer))
  }

  /** It is in the log at once. */
  async #control(body: TaskControl): Promise<void> {
    const task = this.task(body.taskId)
    const parsed = taskControlSchema.safeParse(JSON.parse(JSON.stringify(body)))
    if (!parsed.success)
      throw new MurmurError('INVALID_REQUEST', parsed.error.issues.map((issue) => issue.message).join('; '))
    const late = this.#tasks.control(parsed.data)
    await this.#settled()
    // What has come before needs no second time.
    if (late !== undefined && late !== 'duplicate-signal') throw refusal(task, body.action, late)
  }

  #logOf({ taskId, stepId }: StepMessage): AgentLog {
    const write = (level: string) => (fields: object, message: string) =>
      void this.logged.push({ taskId, stepId, level, fields, message })
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
  }
}

function deadlinesOf(family: readonly TaskState[]): number[] {
  return family.flatMap(({ status, deadlineAtMs }) =>
    isTerminal(status) || status === 'paused' ? [] : [deadlineAtMs],
  )
}
