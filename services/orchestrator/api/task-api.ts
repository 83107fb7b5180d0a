import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus, BusMessage } from '#platform/nats/bus.ts'
import type { TaskControl } from '#schemas/log-event.ts'
import { isTerminal, type TaskState, type TaskSummary } from '#schemas/task.ts'
import {
  cancelTaskRequestSchema,
  getTaskRequestSchema,
  type ListTasksRequest,
  listTasksRequestSchema,
} from '#schemas/task-queries.ts'
import { partitionOf, SERVICES, SUBJECTS } from '#subjects/subjects.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import { issuesOf } from '../plan/plan-submission.ts'

export interface TaskApiDeps {
  bus: Bus
  store: PartitionStore
  partitions: number
  clock: Clock
}

const QUEUE = 'orchestrators'
/** A task that was accepted just now is folded within milliseconds: wait for it rather than denying it. */
const JUST_ACCEPTED_MS = 300
const LOOK_EVERY_MS = 20

/** Questions about tasks, answered from the store by any orchestrator. */
export class TaskApi implements Component {
  readonly name = 'task services'
  readonly #deps: TaskApiDeps
  #ends: (() => void)[] = []

  constructor(deps: TaskApiDeps) {
    this.#deps = deps
  }

  start(): void {
    const { bus } = this.#deps
    this.#ends = [
      bus.serve(SERVICES.getTask, (m) => this.#get(read(m, getTaskRequestSchema).taskId), { queue: QUEUE }),
      bus.serve(SERVICES.listTasks, (m) => this.#list(read(m, listTasksRequestSchema)), { queue: QUEUE }),
      bus.serve(SERVICES.cancelTask, (m) => this.#cancel(read(m, cancelTaskRequestSchema)), { queue: QUEUE }),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }

  async #get(taskId: string): Promise<{ task: TaskState }> {
    return { task: await this.#find(taskId) }
  }

  async #find(taskId: string): Promise<TaskState> {
    const { store, partitions, clock } = this.#deps
    const partition = partitionOf(taskId, partitions)
    const untilMs = clock.monotonicMs() + JUST_ACCEPTED_MS
    for (;;) {
      const [task] = await store.readTasks(partition, [taskId])
      if (task) return task
      if (clock.monotonicMs() > untilMs)
        throw new MurmurError('TASK_NOT_FOUND', `there is no task "${taskId}"`)
      await clock.sleep(LOOK_EVERY_MS)
    }
  }

  async #list(request: ListTasksRequest): Promise<{ tasks: TaskSummary[] }> {
    const { partitions } = this.#deps
    const each = await Promise.all(
      Array.from({ length: partitions }, (_, partition) => this.#listPartition(partition, request)),
    )
    const newestFirst = each.flat().sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? -1 : 1))
    return { tasks: newestFirst.slice(0, request.limit) }
  }

  async #listPartition(partition: number, { status, type, limit }: ListTasksRequest): Promise<TaskSummary[]> {
    const { store } = this.#deps
    const found: TaskSummary[] = []
    for (let start = 0; found.length < limit; start += limit) {
      const ids = await store.newestTaskIds(partition, start, limit)
      const tasks = await store.readTasks(partition, ids)
      for (const task of tasks) {
        if (task && (!status || task.status === status) && (!type || task.type === type))
          found.push(summaryOf(task))
      }
      const expired = ids.filter((_, i) => tasks[i] === undefined)
      await store.forget(partition, expired)
      if (ids.length < limit) break
      // Forgetting moves those behind it forward.
      start -= expired.length
    }
    return found
  }

  async #cancel(request: {
    taskId: string
    reason?: string | undefined
  }): Promise<{ taskId: string; accepted: true }> {
    const task = await this.#find(request.taskId)
    if (isTerminal(task.status)) {
      throw new MurmurError('TASK_ALREADY_FINISHED', `task "${task.id}" is ${task.status} already`)
    }
    const control: TaskControl = {
      v: 1,
      taskId: task.id,
      action: 'cancel',
      ...(request.reason && { reason: request.reason }),
    }
    const subject = SUBJECTS.log(partitionOf(task.id, this.#deps.partitions), 'control')
    await this.#deps.bus.publisher.publish(subject, JSON.stringify(control), {
      msgId: randomUUID(),
      giveUpAfterMs: 5000,
    })
    return { taskId: task.id, accepted: true }
  }
}

function read<Schema extends z.ZodType>(message: BusMessage, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(message.data.length === 0 ? {} : parseBoundedJson(message.data))
  if (parsed.success) return parsed.data
  const issues = issuesOf(parsed.error)
  throw new MurmurError(
    'INVALID_REQUEST',
    `the request is not valid: ${issues[0]?.path} ${issues[0]?.message}`,
    { issues },
  )
}

function summaryOf(task: TaskState): TaskSummary {
  const steps = Object.values(task.steps)
  return {
    id: task.id,
    tenant: task.tenant,
    type: task.type,
    status: task.status,
    ...(task.labels && { labels: task.labels }),
    createdAtMs: task.createdAtMs,
    ...(task.finishedAtMs !== undefined && { finishedAtMs: task.finishedAtMs }),
    ...(task.error && { error: task.error }),
    steps: {
      total: steps.length,
      completed: steps.filter((step) => step.status === 'completed').length,
      failed: steps.filter((step) => step.status === 'failed').length,
    },
  }
}
