import type { StepResult } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { TelemetryObserver } from '../partition/partition-telemetry.ts'
import type { Dispatcher } from './dispatcher.ts'

/** Tells the dispatcher what ends, beside all that is told anyway. */
export class DispatchObserver extends TelemetryObserver {
  readonly #dispatcher: Dispatcher
  readonly #onFailed: (state: TaskState) => void

  /** @param onFailed told of each task that failed */
  constructor(
    deps: ConstructorParameters<typeof TelemetryObserver>[0],
    dispatcher: Dispatcher,
    onFailed: (state: TaskState) => void = () => {},
  ) {
    super(deps)
    this.#dispatcher = dispatcher
    this.#onFailed = onFailed
  }

  override onResult(result: StepResult, state: TaskState, tookMs: number): void {
    super.onResult(result, state, tookMs)
    this.#dispatcher.onResult(result)
  }

  override onAnnounced(event: TaskEvent, state: TaskState): void {
    super.onAnnounced(event, state)
    this.#dispatcher.onTask(state, event.atMs)
    if (event.kind === 'failed') this.#onFailed(state)
  }
}
