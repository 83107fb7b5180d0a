import type { Delivery } from '#platform/nats/delivery.ts'

export interface RunningStep {
  readonly taskId: string
  readonly delivery: Delivery
  readonly signal: AbortSignal
}

const INSTANCE_STOPS = 'the instance stops'

/** The steps that an instance has in hand. */
export class RunningSteps {
  readonly #steps = new Map<RunningStep, AbortController>()
  #idle: (() => void)[] = []

  get size(): number {
    return this.#steps.size
  }

  add(taskId: string, delivery: Delivery): RunningStep {
    const controller = new AbortController()
    const step = { taskId, delivery, signal: controller.signal }
    this.#steps.set(step, controller)
    return step
  }

  remove(step: RunningStep): void {
    this.#steps.delete(step)
    if (this.#steps.size > 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  abortTask(taskId: string): void {
    for (const [step, controller] of this.#steps)
      if (step.taskId === taskId) controller.abort(new Error('the task has ended'))
  }

  abortAll(): void {
    for (const controller of this.#steps.values()) controller.abort(new Error(INSTANCE_STOPS))
  }

  /** Tells the broker that all of them are being worked on. */
  sayWorking(): void {
    for (const step of this.#steps.keys()) step.delivery.working()
  }

  /** Resolves when none is left. */
  settled(): Promise<void> {
    if (this.#steps.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }
}
