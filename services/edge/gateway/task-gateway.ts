import type { Bus } from '#platform/nats/bus.ts'
import type { AgentView } from '#schemas/agent.ts'
import type { Alert, ChangeAlertRequest, ListAlertsRequest } from '#schemas/alert.ts'
import type { SubmissionReceipt } from '#schemas/submission.ts'
import type { TaskState } from '#schemas/task.ts'
import type { ListTasksResponse } from '#schemas/task-queries.ts'
import { SERVICES, SUBJECTS, TENANT_SERVICES } from '#subjects/subjects.ts'

const ANSWER_WITHIN_MS = 5000
/** An orchestrator waits this long for the log; what it says then is better than that nobody answered. */
const ACCEPT_WITHIN_MS = 7000

/**
 * What the services on NATS do for one tenant: whatever door a client came through, it is answered from here. Answers are
 * those of our own services and are not checked again.
 */
export class TaskGateway {
  readonly #bus: Bus

  constructor(bus: Bus) {
    this.#bus = bus
  }

  /** @param submission as it came: an orchestrator checks it from its bytes on. @throws MurmurError what it is refused for */
  async submit(tenant: string, submission: unknown): Promise<SubmissionReceipt> {
    const subject = TENANT_SERVICES.of(tenant, SERVICES.submitTask)
    return (await this.#bus.request(subject, submission, {
      timeoutMs: ACCEPT_WITHIN_MS,
    })) as SubmissionReceipt
  }

  /** @throws MurmurError TASK_NOT_FOUND, also for tasks of others */
  async get(tenant: string, taskId: string): Promise<TaskState> {
    return (await this.#ask<{ task: TaskState }>(TENANT_SERVICES.of(tenant, SERVICES.getTask), { taskId }))
      .task
  }

  /** @throws MurmurError INVALID_REQUEST */
  list(tenant: string, request: unknown): Promise<ListTasksResponse> {
    return this.#ask(TENANT_SERVICES.of(tenant, SERVICES.listTasks), request)
  }

  /** @throws MurmurError TASK_NOT_FOUND, TASK_ALREADY_FINISHED */
  cancel(tenant: string, request: unknown): Promise<{ taskId: string; accepted: true }> {
    return this.#ask(TENANT_SERVICES.of(tenant, SERVICES.cancelTask), request)
  }

  async agents(): Promise<AgentView[]> {
    return (await this.#ask<{ agents: AgentView[] }>(SERVICES.listAgents, {})).agents
  }

  async alerts(request: ListAlertsRequest): Promise<Alert[]> {
    return (await this.#ask<{ alerts: Alert[] }>(SERVICES.listAlerts, request)).alerts
  }

  /** @throws MurmurError ALERT_NOT_FOUND, ALERT_STATE_CONFLICT */
  async changeAlert(request: ChangeAlertRequest): Promise<Alert> {
    return (await this.#ask<{ alert: Alert }>(SERVICES.changeAlert, request)).alert
  }

  /** Asks a monitor to end in order: its summary is made. @throws MurmurError TASK_NOT_FOUND; UNAVAILABLE when it is not captured now */
  async stopMonitor(tenant: string, taskId: string): Promise<void> {
    await this.get(tenant, taskId)
    await this.#bus.request(SUBJECTS.monitorStop(taskId), {}, { timeoutMs: ANSWER_WITHIN_MS })
  }

  async #ask<Answer>(subject: string, body: unknown): Promise<Answer> {
    return (await this.#bus.request(subject, body, { timeoutMs: ANSWER_WITHIN_MS })) as Answer
  }
}
