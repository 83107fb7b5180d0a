import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { listTasks } from './list-tasks.ts'
import type { TaskAnswers } from './task-answers.ts'
import { TaskFinder, type TaskFinderDeps } from './task-finder.ts'

export interface TaskApiDeps extends TaskFinderDeps {
  bus: Bus
  answers: Pick<TaskAnswers, 'encode'>
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
    const { bus, answers } = this.#deps
    this.#ends = [
      bus.serve('getTask', async ({ taskId }, { tenant }) =>
        answers.encode(await this.#tasks.find(tenant, taskId)),
      ),
      bus.serve('listTasks', (request, { tenant }) => listTasks(this.#deps, tenant, request)),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }
}
