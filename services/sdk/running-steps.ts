import type { Delivery } from '#platform/nats/delivery.ts'
import type { StepMessage } from '#schemas/step-message.ts'
import { MESSAGE_IDS } from '#subjects/subjects.ts'
import { type AbortReason, StepAborted } from './define-agent.ts'
import type { SlotTable, TakenSlot } from './slot-table.ts'

/** One attempt of a step that an instance has in hand, from taking its message to the end of its handler. */
export class RunningStep {
  /** Names the attempt. */
  readonly key: string
  readonly step: StepMessage
  /** This instance has stored a result of it before. */
  readonly isRepeated: boolean
  /** The handler runs; before, it waits for permission or for its turn. */
  begun = false
  /** What has to be said about the message has been said, though the handler may still go on. */
  settled = false
  /** The signal was aborted then. Milliseconds, monotonic. */
  abortedAtMs: number | undefined
  abortedFor: AbortReason | undefined
  taken: TakenSlot | undefined
  /** How it runs in its process; undefined as long as it does not. */
  turn: 'together' | 'alone' | undefined
  /** Ends the wait until it shares the process again. */
  endShare: (() => void) | undefined
  readonly #controller = new AbortController()
  readonly #table: SlotTable
  #delivery: Delivery

  constructor(
    { step, key, isRepeated }: { step: StepMessage; key: string; isRepeated: boolean },
    delivery: Delivery,
    table: SlotTable,
  ) {
    this.step = step
    this.key = key
    this.isRepeated = isRepeated
    this.#delivery = delivery
    this.#table = table
    this.taken = table.take(this.#content())
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get deliveries(): number {
    return this.#delivery.deliveryCount + (this.step.handedBack ?? 0)
  }

  get delivery(): Delivery {
    return this.#delivery
  }

  /** The broker has handed the same attempt out again: from now on that message is kept and settled. */
  adopt(delivery: Delivery): void {
    this.#delivery = delivery
    if (this.settled) delivery.ack()
    else if (this.taken && !this.#table.adopt(this.taken.slot, this.#content())) this.#freeSlot()
  }

  begin(announced: boolean): void {
    this.begun = true
    if (this.taken) this.#table.markRunning(this.taken.slot, announced)
  }

  /** Aborts the handler's signal; the first reason counts. */
  abort(reason: AbortReason, nowMs: number): void {
    if (this.abortedFor) return
    this.abortedFor = reason
    this.abortedAtMs = nowMs
    this.#controller.abort(new StepAborted(reason))
  }

  /** The broker is announced what becomes of the message; nothing more is said about it. */
  settle(how: 'ack' | 'nak' | 'term'): void {
    if (this.settled) return
    this.settled = true
    this.#freeSlot()
    this.#delivery[how]()
  }

  /** Gives the slot back without a word to the broker, which will hand the message out again. */
  forget(): void {
    this.settled = true
    this.#freeSlot()
  }

  #freeSlot(): void {
    if (this.taken) this.#table.release(this.taken.slot)
    this.taken = undefined
  }

  #content() {
    const { taskId, stepId, attempt } = this.step
    const { ackSubject, deliveryCount: deliveries } = this.#delivery
    return { ackSubject, taskId, stepId, attempt, deliveries, running: false, announced: false }
  }
}

/** Attempts whose results are stored, remembered for messages that come once more. */
const REMEMBERED = 2000

/** The steps that an instance has in hand, and those that it has finished lately. */
export class RunningSteps {
  readonly #table: SlotTable
  readonly #steps = new Map<string, RunningStep>()
  readonly #finished = new Set<string>()
  #idle: (() => void)[] = []

  constructor(table: SlotTable) {
    this.#table = table
  }

  get size(): number {
    return this.#steps.size
  }

  values(): IterableIterator<RunningStep> {
    return this.#steps.values()
  }

  /**
   * Takes an attempt in hand.
   * @returns undefined when it is in hand already: its message is taken care of then
   */
  add(step: StepMessage, delivery: Delivery): RunningStep | undefined {
    const key = MESSAGE_IDS.dispatch(step.taskId, step.stepId, step.attempt)
    const inHand = this.#steps.get(key)
    if (inHand) {
      inHand.adopt(delivery)
      return undefined
    }
    const running = new RunningStep({ step, key, isRepeated: this.#finished.has(key) }, delivery, this.#table)
    this.#steps.set(key, running)
    return running
  }

  /** Its result is stored: when its message comes again, an orchestrator is asked whether that counts. */
  finished(running: RunningStep): void {
    this.#finished.add(running.key)
    if (this.#finished.size <= REMEMBERED) return
    for (const oldest of this.#finished) {
      this.#finished.delete(oldest)
      break
    }
  }

  /** The handler has ended, or it never began: nothing of it is left in this process. */
  remove(running: RunningStep): void {
    this.#steps.delete(running.key)
    this.wakeIfSettled()
  }

  /** By what the thread of heartbeats knows of it. */
  find(taken: TakenSlot): RunningStep | undefined {
    for (const running of this.#steps.values())
      if (running.taken?.slot === taken.slot && running.taken.generation === taken.generation) return running
    return undefined
  }

  abortTask(taskId: string, nowMs: number): void {
    for (const running of this.#steps.values())
      if (running.step.taskId === taskId) running.abort('task-ended', nowMs)
  }

  abortAll(nowMs: number): void {
    for (const running of this.#steps.values()) running.abort('instance-stops', nowMs)
  }

  /** Those whose messages still wait for a word. */
  unsettled(): RunningStep[] {
    return [...this.#steps.values()].filter((running) => !running.settled)
  }

  /** Resolves when every message is settled, though handlers may go on that were left behind. */
  whenSettled(): Promise<void> {
    if (this.unsettled().length === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /** To be called after a message was settled. Cheap as long as nobody waits. */
  wakeIfSettled(): void {
    if (this.#idle.length === 0 || this.unsettled().length > 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
