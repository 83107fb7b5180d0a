import type { MurmurError } from '#platform/errors/murmur-error.ts'
import type { HeldCalls } from '#platform/nats/held-calls.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import type { JsonObject } from '#schemas/json.ts'
import { isTerminal, type TaskState, type TaskStatus } from '#schemas/task.ts'
import {
  answerApprovalRequestSchema,
  type ChangeTasksResponse,
  changeTasksRequestSchema,
  handOnApprovalRequestSchema,
  type ListApprovalsResponse,
  listApprovalsRequestSchema,
  pauseTaskRequestSchema,
  type RetryTaskResponse,
  resumeTaskRequestSchema,
  retryTaskRequestSchema,
  signalTaskRequestSchema,
} from '#schemas/task-controls.ts'
import type { Caller } from '../access/access.ts'

const PASSED_ON = { isTrusted: true } as const
/** An orchestrator waits this long for the log; what it says then is better than that nobody answered. Milliseconds. */
const WRITE_TIMEOUT_MS = 7000
/** A page may have two hundred tasks that become others. Milliseconds. */
const CHANGE_TIMEOUT_MS = 30_000
/** Of the name of who decides. */
const MAX_BY = 200

type Accepted = { taskId: string; accepted: true }
/** What a request says beside the task that its path or its field names. */
type Asked = JsonObject | object

/** What somebody wants of tasks that are there. Requests are those of the services on NATS, and are checked here before they go there. */
export class TaskControlGateway {
  readonly #calls: HeldCalls
  readonly #get: (tenant: string, taskId: string) => Promise<TaskState>

  constructor(calls: HeldCalls, get: (tenant: string, taskId: string) => Promise<TaskState>) {
    this.#calls = calls
    this.#get = get
  }

  /** @throws MurmurError INVALID_REQUEST, TASK_NOT_FOUND, TASK_ALREADY_FINISHED, TASK_STATE_CONFLICT */
  pause({ tenant }: Caller, request: Asked): Promise<Accepted> {
    const checked = checkRequest(pauseTaskRequestSchema, request)
    const whenRepeated = doneBefore(() => this.#get(tenant, checked.taskId), 'pauseTask')
    return this.#calls.call('pauseTask', checked, { ...writing(tenant), whenRepeated })
  }

  /** @throws MurmurError INVALID_REQUEST, TASK_NOT_FOUND, TASK_ALREADY_FINISHED, TASK_STATE_CONFLICT */
  resume({ tenant }: Caller, request: Asked): Promise<Accepted> {
    const checked = checkRequest(resumeTaskRequestSchema, request)
    const whenRepeated = doneBefore(() => this.#get(tenant, checked.taskId), 'resumeTask')
    return this.#calls.call('resumeTask', checked, { ...writing(tenant), whenRepeated })
  }

  /** @throws MurmurError INVALID_REQUEST, TASK_NOT_FOUND, TASK_ALREADY_FINISHED, LIMIT_EXCEEDED */
  signal({ tenant }: Caller, request: Asked): Promise<Accepted & { id: string }> {
    return this.#calls.call('signalTask', checkRequest(signalTaskRequestSchema, request), writing(tenant))
  }

  /** One page. @throws MurmurError INVALID_REQUEST */
  approvals({ tenant }: Caller, request: Asked): Promise<ListApprovalsResponse> {
    const checked = checkRequest(listApprovalsRequestSchema, request)
    return this.#calls.call('listApprovals', checked, { ...PASSED_ON, tenant })
  }

  /**
   * Who decides is whoever’s credential it is, whatever a client says.
   * @throws MurmurError INVALID_REQUEST, TASK_NOT_FOUND, TASK_ALREADY_FINISHED, APPROVAL_NOT_OPEN
   */
  answer({ tenant, subject }: Caller, request: Asked): Promise<Accepted> {
    const { by: _said, ...checked } = checkRequest(answerApprovalRequestSchema, request)
    return this.#calls.call('answerApproval', { ...checked, by: subject.slice(0, MAX_BY) }, writing(tenant))
  }

  /**
   * Who hands it on is whoever’s credential it is, whatever a client says.
   * @throws MurmurError INVALID_REQUEST, TASK_NOT_FOUND, TASK_ALREADY_FINISHED, APPROVAL_NOT_OPEN, LIMIT_EXCEEDED
   */
  handOn({ tenant, subject }: Caller, request: Asked): Promise<Accepted> {
    const { by: _said, ...checked } = checkRequest(handOnApprovalRequestSchema, request)
    return this.#calls.call('handOnApproval', { ...checked, by: subject.slice(0, MAX_BY) }, writing(tenant))
  }

  /** @throws MurmurError INVALID_REQUEST, TASK_NOT_FOUND, TASK_NOT_FINISHED, and what submissions are refused for */
  retry({ tenant }: Caller, request: Asked): Promise<RetryTaskResponse> {
    return this.#calls.call('retryTask', checkRequest(retryTaskRequestSchema, request), writing(tenant))
  }

  /** @throws MurmurError INVALID_REQUEST */
  changeMany({ tenant }: Caller, request: Asked): Promise<ChangeTasksResponse> {
    const checked = checkRequest(changeTasksRequestSchema, request)
    return this.#calls.call('changeTasks', checked, { ...PASSED_ON, tenant, timeoutMs: CHANGE_TIMEOUT_MS })
  }
}

function writing(tenant: string) {
  return { ...PASSED_ON, tenant, timeoutMs: WRITE_TIMEOUT_MS }
}

type StateControl = 'cancelTask' | 'pauseTask' | 'resumeTask'

/** How a task is that has been cancelled, paused, resumed. */
const IS_DONE: Readonly<Record<StateControl, (status: TaskStatus) => boolean>> = {
  cancelTask: (status) => status === 'cancelled' || status === 'compensating',
  pauseTask: (status) => status === 'paused',
  resumeTask: (status) => status !== 'paused' && !isTerminal(status),
}

/**
 * What a refusal means to who asked for it twice, because whoever had it in hand the first time was not heard of again: that it is done, where
 * the task is as it was to be.
 */
export function doneBefore(get: () => Promise<TaskState>, control: StateControl) {
  return async (refusal: MurmurError): Promise<Accepted> => {
    if (refusal.code !== 'TASK_ALREADY_FINISHED' && refusal.code !== 'TASK_STATE_CONFLICT') throw refusal
    const { id, status } = await get()
    if (!IS_DONE[control](status)) throw refusal
    return { taskId: id, accepted: true }
  }
}
