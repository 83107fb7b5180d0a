import type { JsonValue } from '#schemas/json.ts'
import type { StepMessage, StepOutcome } from '#schemas/step-message.ts'
import { MESSAGE_IDS, partitionOf } from '#subjects/subjects.ts'
import { PARTITIONS } from './random-world.ts'
import type { Unplaced } from './simulated-broker.ts'
import type { Surroundings } from './surroundings.ts'

/** After this a message that nobody acknowledged is handed out again. Milliseconds. */
const ACK_WAIT_MS = 5000
const INSTANCES = 3
/** Of the process of every instance. */
const BORN_AT_MS = 1_789_999_000_000
/** A step that runs longer than this has its start told. Milliseconds. */
const TOLD_AFTER_MS = 800
const SLOW_MS = 8000
/** Of the event loop of a busy process: results that are ready in one go together. Milliseconds. */
const TURN_MS = 20

/**
 * Agents take steps from their queues, run them, and answer: or run them and die, or answer too late, or hand them back, or never say
 * anything again once they have told that they began.
 */
export class SimulatedAgents {
  readonly #around: Surroundings
  #executions = 0
  /** By partition and type of agent. */
  readonly #gathered = new Map<string, { event: Unplaced & { kind: 'result' }; msgId: string }[]>()

  constructor(around: Surroundings) {
    this.#around = around
  }

  take(message: StepMessage, delivery = 1): void {
    const { timeline, dice } = this.#around
    const waitMs = dice.happens(0.1) ? dice.between(0, 3000) : dice.between(0, 10)
    timeline.in(waitMs, () => this.#run(message, delivery))
  }

  #run(message: StepMessage, delivery: number): void {
    const { timeline, dice } = this.#around
    const { silent, slow, released, crashes } = this.#around.troubles().agent
    const instance = `agent-${dice.between(1, INSTANCES)}`
    const startedAtMs = timeline.nowMs
    const answer = (outcome: StepOutcome, afterMs: number) =>
      timeline.in(afterMs, () =>
        this.#answer(message, outcome, { instance, startedAtMs, deliveries: delivery }),
      )
    if (message.expiresAtMs !== undefined && message.expiresAtMs <= timeline.nowMs) {
      const error = { code: 'QUEUE_TIMEOUT', message: 'it waited too long' }
      answer({ kind: 'retry', error }, 0)
      return
    }
    const again = () => this.take(message, delivery + 1)
    if (dice.happens(released)) {
      this.#say(message, instance, 'started', delivery)
      timeline.in(dice.between(1, 800), () => {
        this.#say(message, instance, 'released', delivery)
        again()
      })
      return
    }
    const outcome = this.#outcome(message)
    if (dice.happens(silent)) {
      // It has done what it was to do, and is never heard of again.
      if (dice.happens(0.5)) this.#say(message, instance, 'started', delivery)
      else timeline.in(ACK_WAIT_MS, again)
      return
    }
    if (dice.happens(crashes)) {
      answer({ kind: 'retry', error: { code: 'AGENT_CRASHED', message: 'its process ended' } }, 5)
      return
    }
    const isSlow = dice.happens(slow)
    const tookMs = isSlow ? dice.between(0, SLOW_MS) : dice.between(0, 40)
    if (tookMs >= TOLD_AFTER_MS || dice.happens(0.1)) this.#say(message, instance, 'started', delivery)
    if (tookMs <= message.timeoutMs || isSlow) answer(outcome, tookMs)
    else
      answer(
        { kind: 'retry', error: { code: 'STEP_TIMEOUT', message: 'it took too long' } },
        message.timeoutMs,
      )
  }

  #answer(
    { taskId, stepId, attempt, agent, resultBatches }: StepMessage,
    outcome: StepOutcome,
    { deliveries, ...ran }: { instance: string; startedAtMs: number; deliveries: number },
  ): void {
    const finishedAtMs = this.#around.timeline.nowMs
    const body = { v: 1 as const, taskId, stepId, attempt, ...ran, finishedAtMs, outcome }
    const msgId = MESSAGE_IDS.result(taskId, stepId, attempt, ran)
    const event: Unplaced = { kind: 'result', body, agent }
    if (resultBatches !== true || deliveries > 1) this.#publish(event, msgId)
    else this.#gather(event, msgId)
  }

  /** With others that are ready about the same time, of other tasks: as result-batches.ts does in one turn of a busy process. */
  #gather(event: Unplaced & { kind: 'result' }, msgId: string): void {
    const { timeline, network, broker } = this.#around
    const partition = partitionOf(event.body.taskId, PARTITIONS)
    const key = `${partition} ${event.agent}`
    const open = this.#gathered.get(key)
    if (open && !open.some(({ event: { body } }) => body.taskId === event.body.taskId)) {
      open.push({ event, msgId })
      return
    }
    const results = [{ event, msgId }]
    this.#gathered.set(key, results)
    timeline.in(TURN_MS - (timeline.nowMs % TURN_MS), () => {
      if (this.#gathered.get(key) === results) this.#gathered.delete(key)
      const ids = results.map(({ msgId }) => msgId).join(' ')
      const events = results.map(({ event }) => event)
      network.sendUntilAnswered(() => broker.appendBatch(partition, events, ids))
    })
  }

  #say(
    { taskId, stepId, attempt }: StepMessage,
    instance: string,
    kind: 'started' | 'released',
    deliveries: number,
  ): void {
    const about = { v: 1 as const, taskId, stepId, attempt, instance }
    const dispatchId = MESSAGE_IDS.dispatch(taskId, stepId, attempt)
    const alone = this.#around.dice.happens(0.5)
    if (kind === 'released')
      this.#publish({ kind, body: about }, `${dispatchId}:released:${instance}:${deliveries}`)
    else
      this.#publish(
        { kind, body: { ...about, bornAtMs: BORN_AT_MS, alone } },
        MESSAGE_IDS.started(`${dispatchId}:${instance}`, BORN_AT_MS, { deliveries, alone }),
      )
  }

  #publish(event: Unplaced, msgId: string): void {
    const { network, broker } = this.#around
    const partition = partitionOf(event.body.taskId, PARTITIONS)
    network.sendUntilAnswered(() => broker.append(partition, event, msgId))
  }

  #outcome(message: StepMessage): StepOutcome {
    const { dice, objects } = this.#around
    const { retries, fails, stored } = this.#around.troubles().agent
    const error = {
      code: dice.pick(['STEP_FAILED', 'RATE_LIMITED']),
      message: `${message.stepId} did not work`,
    }
    if (dice.happens(fails)) return { kind: 'fail', error }
    if (dice.happens(retries))
      return dice.happens(0.3)
        ? { kind: 'retry', error, afterMs: dice.between(0, 300) }
        : { kind: 'retry', error }
    const output = this.#output(message)
    return { kind: 'done', output: dice.happens(stored) ? objects.put(output) : output }
  }

  /** Tells one execution from every other, and has what conditions and lists of random-steps.ts ask for. */
  #output({ taskId, stepId, attempt }: StepMessage): JsonValue {
    const { dice } = this.#around
    const list = Array.from({ length: dice.between(0, 6) }, (_, i) => i)
    return {
      of: `${taskId}:${stepId}:${attempt}`,
      execution: ++this.#executions,
      n: dice.between(0, 6),
      ...(dice.happens(0.9) && { list }),
    }
  }
}
