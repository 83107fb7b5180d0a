import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { type HeldAnswers, heldBy } from '#platform/nats/held-answers.ts'
import type { ListTasksRequest, ListTasksResponse } from '#schemas/task-requests.ts'
import { partitionOf } from '#subjects/subjects.ts'
import type { ArchiveReader } from '../history/archive-reader.ts'
import { type ArchivedListing, listArchived } from '../history/archived-list.ts'
import type { Placements } from '../partition/placements.ts'
import type { LivePartitions } from '../partition-epochs/live-partitions.ts'
import { listTasks } from './list-tasks.ts'
import type { TaskAnswers } from './task-answers.ts'
import { TaskFinder, type TaskFinderDeps } from './task-finder.ts'
import { taskLog } from './task-log.ts'

export interface TaskApiDeps extends Omit<TaskFinderDeps, 'archive'> {
  bus: Bus
  /** Undefined: what nobody can say now is answered so at once. */
  held?: HeldAnswers | undefined
  /** Undefined: those that the log was made with. */
  live?: LivePartitions | undefined
  /** Tasks that ended and that the store may have no more. */
  archive?: ArchiveReader | undefined
  answers: Pick<TaskAnswers, 'encode'>
  /** Who got steps, and why. */
  placements: Pick<Placements, 'explained'>
}

/** Questions about tasks, answered from the store by any orchestrator. */
export class TaskApi implements Component {
  readonly name = 'task services'
  readonly #deps: TaskApiDeps
  readonly #tasks: TaskFinder
  #ends: (() => void)[] = []

  constructor(deps: TaskApiDeps) {
    this.#deps = deps
    this.#tasks = new TaskFinder(deps)
  }

  start(): void {
    const { bus, held, answers, placements, partitions } = this.#deps
    const serve = heldBy(held, bus)
    this.#ends = [
      serve('getTask', async ({ taskId }, { tenant }) => {
        const task = await this.#tasks.find(tenant, taskId)
        return answers.encode(await placements.explained(partitionOf(taskId, partitions), task))
      }),
      serve('getTaskLog', async ({ taskId, ...page }, { tenant }) => {
        const task = await this.#tasks.find(tenant, taskId)
        return taskLog({ bus, partitions }, task, page)
      }),
      serve('listTasks', (request, { tenant }) => this.#list(request, tenant)),
    ]
  }

  #list(request: ListTasksRequest, tenant: string): Promise<ListTasksResponse> {
    const { store, partitions, live, archive } = this.#deps
    const archived = archive && ((listing: ArchivedListing) => listArchived(archive, listing))
    return listTasks({ store, partitions, live, archived }, tenant, request)
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }
}
