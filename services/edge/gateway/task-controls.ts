import type { Calling } from '#platform/nats/bus.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import type { JsonObject } from '#schemas/json.ts'
import {
  answerApprovalRequestSchema,
  type ChangeTasksResponse,
  changeTasksRequestSchema,
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
  readonly #bus: Calling

  constructor(bus: Calling) {
    this.#bus = bus
  }

  /** @throws MurmurError INVALID_REQUEST, TASK_NOT_FOUND, TASK_ALREADY_FINISHED, TASK_STATE_CONFLICT */
  pause({ tenant }: Caller, request: Asked): Promise<Accepted> {
    return this.#bus.call('pauseTask', checkRequest(pauseTaskRequestSchema, request), writing(tenant))
  }

  /** @throws MurmurError INVALID_REQUEST, TASK_NOT_FOUND, TASK_ALREADY_FINISHED, TASK_STATE_CONFLICT */
  resume({ tenant }: Caller, request: Asked): Promise<Accepted> {
    return this.#bus.call('resumeTask', checkRequest(resumeTaskRequestSchema, request), writing(tenant))
  }

  /** @throws MurmurError INVALID_REQUEST, TASK_NOT_FOUND, TASK_ALREADY_FINISHED, LIMIT_EXCEEDED */
  signal({ tenant }: Caller, request: Asked): Promise<Accepted & { id: string }> {
    return this.#bus.call('signalTask', checkRequest(signalTaskRequestSchema, request), writing(tenant))
  }

  /** One page. @throws MurmurError INVALID_REQUEST */
  approvals({ tenant }: Caller, request: Asked): Promise<ListApprovalsResponse> {
    const checked = checkRequest(listApprovalsRequestSchema, request)
    return this.#bus.call('listApprovals', checked, { ...PASSED_ON, tenant })
  }

  /**
   * Who decides is whoever’s credential it is, whatever a client says.
   * @throws MurmurError INVALID_REQUEST, TASK_NOT_FOUND, TASK_ALREADY_FINISHED, APPROVAL_NOT_OPEN
   */
  answer({ tenant, subject }: Caller, request: Asked): Promise<Accepted> {
    const { by: _said, ...checked } = checkRequest(answerApprovalRequestSchema, request)
    return this.#bus.call('answerApproval', { ...checked, by: subject.slice(0, MAX_BY) }, writing(tenant))
  }

  /** @throws MurmurError INVALID_REQUEST, TASK_NOT_FOUND, TASK_NOT_FINISHED, and what submissions are refused for */
  retry({ tenant }: Caller, request: Asked): Promise<RetryTaskResponse> {
    return this.#bus.call('retryTask', checkRequest(retryTaskRequestSchema, request), writing(tenant))
  }

  /** @throws MurmurError INVALID_REQUEST */
  changeMany({ tenant }: Caller, request: Asked): Promise<ChangeTasksResponse> {
    const checked = checkRequest(changeTasksRequestSchema, request)
    return this.#bus.call('changeTasks', checked, { ...PASSED_ON, tenant, timeoutMs: CHANGE_TIMEOUT_MS })
  }
}

function writing(tenant: string) {
  return { ...PASSED_ON, tenant, timeoutMs: WRITE_TIMEOUT_MS }
}
