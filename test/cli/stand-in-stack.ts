import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { type MonitorRequest, monitorRequestSchema } from '#schemas/monitor-request.ts'
import type { TaskError } from '#schemas/problem.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { SERVICES } from '#subjects/operations.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { serveUploads } from '../support/serve-uploads.ts'
import { monitorTask } from './monitor-fixtures.ts'

const STEPS = { total: 3, completed: 0, failed: 0 }

/** Answers for the orchestrator as far as monitors go, so that a test decides what becomes of them. */
export class StandInStack {
  readonly #bus: Bus
  readonly blobs: BlobStore
  readonly tasks = new Map<string, TaskState>()
  readonly cancelled: { taskId: string; reason?: string }[] = []
  /** Told before the submission is answered. */
  onSubmitted: (taskId: string, request: MonitorRequest) => void = () => undefined
  /** Whether a cancelled task ends at once. */
  endsWhenCancelled = true

  private constructor(bus: Bus, blobs: BlobStore) {
    this.#bus = bus
    this.blobs = blobs
  }

  static async open(bus: Bus): Promise<StandInStack> {
    const stack = new StandInStack(bus, await bus.objects.create({ storageBytes: 1024 ** 3 }))
    const serve = (subject: string, answer: (body: never) => unknown) =>
      bus.serveSubject(subject, ({ data }) => answer(JSON.parse(Buffer.from(data).toString()) as never), {
        queue: 'test',
      })
    serve(SERVICES.submitTask, (body: { type: string; input: unknown }) => stack.#submit(body))
    serve(SERVICES.getTask, ({ taskId }: { taskId: string }) => ({ task: stack.task(taskId) }))
    serve(SERVICES.listTasks, () => ({
      tasks: [...stack.tasks.values()].map((task) => ({ ...task, steps: STEPS })),
    }))
    serve(SERVICES.cancelTask, (body: { taskId: string; reason?: string }) => stack.#cancel(body))
    serveUploads(bus)
    await bus.flush()
    return stack
  }

  task(taskId: string): TaskState {
    const task = this.tasks.get(taskId)
    if (!task) throw new MurmurError('TASK_NOT_FOUND', `there is no task "${taskId}"`)
    return task
  }

  publish(subject: string, body: unknown): void {
    this.#bus.publishCore(subject, JSON.stringify(body))
  }

  /** Somebody captures the monitor, and is asked to end it. */
  captures(taskId: string, onStop: () => void): void {
    const serveStop = () => {
      onStop()
      return { stopping: true }
    }
    this.#bus.serveSubject(SUBJECTS.monitorStop(taskId), serveStop, { queue: 'test' })
  }

  /** Somebody captures the monitor, and is asked for its newest picture. */
  shows(taskId: string, onFrame: (request: unknown) => Uint8Array): void {
    this.#bus.serveSubject(
      SUBJECTS.monitorSnapshot(taskId),
      ({ data }) => onFrame(JSON.parse(Buffer.from(data).toString())),
      { queue: 'test' },
    )
  }

  finish(taskId: string, status: TaskState['status'], result: { output?: unknown; error?: TaskError } = {}) {
    const task = this.task(taskId)
    const output = JSON.parse(JSON.stringify(result.output ?? null)) as JsonValue
    const { error } = result
    const ended = {
      ...task,
      ...(result.output !== undefined && { output }),
      ...(error && { error }),
      status,
      rev: task.rev + 1,
      finishedAtMs: task.createdAtMs + 5000,
    }
    this.tasks.set(taskId, ended)
    const kind = status as 'completed' | 'failed' | 'cancelled'
    const { type, rev } = ended
    const event = {
      v: 1,
      kind,
      taskId,
      type,
      rev,
      atMs: ended.finishedAtMs,
      ...(result.error && { error: result.error }),
    }
    this.publish(SUBJECTS.event(type, taskId, kind), event)
  }

  #submit({ type, input }: { type: string; input: unknown }): { taskId: string; duplicate: boolean } {
    if (type !== 'monitor') throw new MurmurError('UNKNOWN_TASK_TYPE', `there is no type "${type}"`)
    const request = monitorRequestSchema.parse(input)
    const taskId = `monitor-${this.tasks.size + 1}`
    this.tasks.set(taskId, monitorTask(taskId, { input: request as unknown as JsonObject }))
    this.onSubmitted(taskId, request)
    return { taskId, duplicate: false }
  }

  #cancel(body: { taskId: string; reason?: string }): { taskId: string; accepted: true } {
    if (isTerminal(this.task(body.taskId).status))
      throw new MurmurError('TASK_ALREADY_FINISHED', `task ${body.taskId} is over`)
    this.cancelled.push(body)
    const error = { code: 'CANCELLED', message: body.reason ?? '' }
    if (this.endsWhenCancelled) this.finish(body.taskId, 'cancelled', { error })
    return { taskId: body.taskId, accepted: true }
  }
}
