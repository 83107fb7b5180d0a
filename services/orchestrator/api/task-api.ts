import { randomUUID } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { TaskControl } from '#schemas/log-event.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { STREAMS } from '#subjects/streams.ts'
import { partitionOf, SUBJECTS } from '#subjects/subjects.ts'
import { assertLevel, refuseUnreadable, unavailableNow } from '../partition/assert-level.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import { listTasks } from './list-tasks.ts'
import type { TaskAnswers } from './task-answers.ts'

export interface TaskApiDeps {
  bus: Bus
  store: PartitionStore
  partitions: number
  clock: Clock
  answers: Pick<TaskAnswers, 'encode'>
}

/** A task that was accepted just now is folded within milliseconds: wait for it rather than denying it. */
const JUST_ACCEPTED_MS = 300
const POLL_INTERVAL_MS = 20

/** Requests about tasks, answered from the store by any orchestrator. */
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
      bus.serve('getTask', ({ taskId }, { tenant }) => this.#get(tenant, taskId)),
      bus.serve('listTasks', (request, { tenant }) => listTasks(this.#deps, tenant, request)),
      bus.serve('cancelTask', (request, { tenant }) => this.cancel(tenant, request)),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }

  async #get(tenant: string, taskId: string): Promise<Uint8Array> {
    return this.#deps.answers.encode(await this.#find(tenant, taskId))
  }

  /** Somebody else's task is not there. @throws MurmurError TASK_NOT_FOUND; UNAVAILABLE while nobody can say */
  async #find(tenant: string, taskId: string): Promise<TaskState> {
    const { store, partitions, clock, bus } = this.#deps
    const partition = partitionOf(taskId, partitions)
    const untilMs = clock.monotonicMs() + JUST_ACCEPTED_MS
    let askedAtSeq: number | undefined
    for (;;) {
      const [{ offset }, [task]] = await Promise.all([
        assertLevel(store, partition),
        store.readTasks(partition, [taskId], refuseUnreadable),
      ])
      if (task?.tenant === tenant) return task
      askedAtSeq ??= task ? 0 : await bus.streams.lastLogSeq(STREAMS.log.name, partition)
      // What was accepted before the question has been folded: it would be here.
      const isKnown = offset >= askedAtSeq
      if (task || (isKnown && clock.monotonicMs() > untilMs))
        throw new MurmurError('TASK_NOT_FOUND', `there is no task "${taskId}"`)
      if (clock.monotonicMs() > untilMs) throw unavailableNow('not all that happened to tasks is known yet')
      await clock.sleep(POLL_INTERVAL_MS)
    }
  }

  /** @throws MurmurError TASK_NOT_FOUND, TASK_ALREADY_FINISHED, UNAVAILABLE */
  async cancel(
    tenant: string,
    request: { taskId: string; reason?: string | undefined },
  ): Promise<{ taskId: string; accepted: true }> {
    const task = await this.#find(tenant, request.taskId)
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
