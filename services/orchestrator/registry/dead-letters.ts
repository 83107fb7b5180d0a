import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus, BusMessage } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { type StepResult, stepMessageSchema } from '#schemas/step-message.ts'
import { STREAMS } from '#subjects/streams.ts'
import { MAX_DELIVERIES_ADVISORY, MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'

const decoder = new TextDecoder()

/**
 * Steps that crash every process that takes them: nobody is left to report them, so the server's own advisory does.
 * The step fails with its reason and its message goes to DEAD.
 */
export class DeadLetters implements Component {
  readonly name = 'dead letters'
  readonly #deps: { bus: Bus; metrics: Metrics; log: Log; instance: string; nowMs: () => number }
  #end: () => void = () => {}

  constructor(deps: { bus: Bus; metrics: Metrics; log: Log; instance: string; nowMs: () => number }) {
    this.#deps = deps
  }

  start(): void {
    this.#end = this.#deps.bus.subscribe(
      MAX_DELIVERIES_ADVISORY,
      (message) => void this.#onAdvisory(message),
      {
        queue: 'orchestrators',
      },
    )
  }

  quiesce(): void {
    this.#end()
  }

  async #onAdvisory(message: BusMessage): Promise<void> {
    const { bus, log, metrics } = this.#deps
    try {
      const advisory = JSON.parse(decoder.decode(message.data)) as { stream_seq: number; deliveries: number }
      const stored = await bus.messageAt(STREAMS.steps.name, advisory.stream_seq)
      if (!stored) return
      const step = stepMessageSchema.parse(JSON.parse(decoder.decode(stored.data)))
      await bus.publisher.publish(SUBJECTS.dead(step.agent), stored.data, {
        msgId: `${MESSAGE_IDS.dispatch(step.taskId, step.stepId, step.attempt)}:dead`,
      })
      await bus.publisher.publish(step.reply, JSON.stringify(this.#failed(step, advisory.deliveries)), {
        msgId: MESSAGE_IDS.result(step.taskId, step.stepId, step.attempt),
      })
      await bus.deleteMessage(STREAMS.steps.name, advisory.stream_seq)
      metrics.counter('murmur_dead_letters_total').labels(step.agent).inc()
      log.warn(
        { taskId: step.taskId, stepId: step.stepId, agent: step.agent },
        'a step was given up as poison',
      )
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'a given-up step could not be moved to DEAD')
    }
  }

  #failed(step: { taskId: string; stepId: string; attempt: number }, deliveries: number): StepResult {
    const nowMs = this.#deps.nowMs()
    return {
      v: 1,
      taskId: step.taskId,
      stepId: step.stepId,
      attempt: step.attempt,
      instance: this.#deps.instance,
      startedAtMs: nowMs,
      finishedAtMs: nowMs,
      outcome: {
        kind: 'fail',
        error: { code: 'POISON_MESSAGE', message: `${deliveries} agents took this step and none answered` },
      },
    }
  }
}
