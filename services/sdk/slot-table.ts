/** How an instance is, in the words of its heartbeats. `starting`: not registered yet, nothing is said. */
export const INSTANCE_STATES = ['starting', 'ready', 'draining', 'stopped'] as const
export type InstanceState = (typeof INSTANCE_STATES)[number]

/** What the thread of heartbeats has to know of a step in hand. */
export interface SlotContent {
  /** Subject that the broker listens on for what becomes of the message. */
  ackSubject: string
  taskId: string
  stepId: string
  attempt: number
  deliveries: number
  /** The handler has begun; otherwise the step waits for permission or for its turn. */
  running: boolean
  /** The orchestrator has heard of this run already. */
  announced: boolean
}

/** A slot as the other thread sees it. */
export interface SlotView extends SlotContent {
  slot: number
  /** Tells this use of the slot from the one before and the one after. */
  generation: number
}

/** A slot that the main thread has taken. */
export interface TakenSlot {
  slot: number
  generation: number
}

/** Words (32 bit) of the head. */
const STATE = 0
const COMPLETED = 1
const FAILED = 2
const LINGERING = 3
const STUCK = 4
/** Counted up by the main thread as long as its event loop turns. */
const TURNS = 5
/** Counted up by the thread of heartbeats as long as it is connected. */
const BEATS = 6
/** How long the main thread has stood still since the start. Milliseconds. */
const BLOCKED_MS = 7
/** Number of the queue of its own that the instance takes from, and one: 0 is none. */
const OWN_QUEUE = 8
/** 1: it was told to take no new steps. */
const CORDONED = 9
const HEAD_WORDS = 16

/** Words of a slot; the first is its lock. */
const GENERATION = 1
const OCCUPIED = 2
const ATTEMPT = 3
const DELIVERIES = 4
const FLAGS = 5
const ACK_LENGTH = 6
const TASK_LENGTH = 7
const STEP_LENGTH = 8
const SLOT_WORDS = 16
/** An acknowledgement's subject has at most some 250 bytes, ids 64 each. */
const TEXT_BYTES = 512
const SLOT_BYTES = SLOT_WORDS * 4 + TEXT_BYTES

const RUNNING = 1
const ANNOUNCED = 2
const READ_TRIES = 4

/**
 * The steps that an instance has in hand, in memory that its main thread and its thread of heartbeats share: taking a step
 * and letting go of it costs two writes to memory and wakes nobody, and the other thread can see it while the main thread
 * stands still.
 *
 * Each slot is a seqlock: its first word is odd while the main thread, which alone writes, is at it; a reader that finds it
 * odd, or changed when it has read, reads again.
 */
export class SlotTable {
  readonly memory: SharedArrayBuffer
  readonly capacity: number
  readonly #words: Int32Array
  readonly #bytes: Buffer
  /** Of the main thread only. */
  readonly #free: number[]

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory
    this.capacity = (memory.byteLength - HEAD_WORDS * 4) / SLOT_BYTES
    this.#words = new Int32Array(memory)
    this.#bytes = Buffer.from(memory)
    this.#free = Array.from({ length: this.capacity }, (_, i) => this.capacity - 1 - i)
  }

  static create(capacity: number): SlotTable {
    return new SlotTable(new SharedArrayBuffer(HEAD_WORDS * 4 + capacity * SLOT_BYTES))
  }

  /** @returns undefined when all are taken or a text does not fit: the caller then has to say itself that it works on it */
  take(content: SlotContent): TakenSlot | undefined {
    if (!fits(content)) return undefined
    const slot = this.#free.pop()
    if (slot === undefined) return undefined
    const words = this.#words
    const at = wordOf(slot)
    const lock = words[at]!
    Atomics.store(words, at, lock + 1)
    const generation = (words[at + GENERATION]! + 1) | 0
    words[at + GENERATION] = generation
    words[at + OCCUPIED] = 1
    words[at + ATTEMPT] = content.attempt
    words[at + DELIVERIES] = content.deliveries
    words[at + FLAGS] = (content.running ? RUNNING : 0) | (content.announced ? ANNOUNCED : 0)
    this.#writeTexts(slot, content)
    Atomics.store(words, at, lock + 2)
    return { slot, generation }
  }

  /** It takes no new steps because it was told so. */
  get cordoned(): boolean {
    return Atomics.load(this.#words, CORDONED) === 1
  }

  set cordoned(isCordoned: boolean) {
    Atomics.store(this.#words, CORDONED, isCordoned ? 1 : 0)
  }

  /** The queue of its own that the instance takes from; undefined: it has none. */
  get ownQueue(): number | undefined {
    const word = Atomics.load(this.#words, OWN_QUEUE)
    return word === 0 ? undefined : word - 1
  }

  set ownQueue(queue: number | undefined) {
    Atomics.store(this.#words, OWN_QUEUE, queue === undefined ? 0 : queue + 1)
  }

  /** The step begins, after it had waited; `announced`: the orchestrator knows of it. */
  markRunning(slot: number, announced: boolean): void {
    this.#words[wordOf(slot) + FLAGS] = RUNNING | (announced ? ANNOUNCED : 0)
  }

  /** The same attempt came again: from now on it is this message that has to be kept. */
  adopt(slot: number, content: SlotContent): boolean {
    if (!fits(content)) return false
    const words = this.#words
    const at = wordOf(slot)
    const lock = words[at]!
    Atomics.store(words, at, lock + 1)
    words[at + DELIVERIES] = content.deliveries
    this.#writeTexts(slot, content)
    Atomics.store(words, at, lock + 2)
    return true
  }

  /** Nothing more is to be said about this step. */
  release(slot: number): void {
    Atomics.store(this.#words, wordOf(slot) + OCCUPIED, 0)
    this.#free.push(slot)
  }

  /** For the other thread. @returns undefined for a free slot, and for one that is being written right now */
  read(slot: number): SlotView | undefined {
    const words = this.#words
    const at = wordOf(slot)
    for (let tries = 0; tries < READ_TRIES; tries++) {
      const lock = Atomics.load(words, at)
      if (lock & 1) continue
      if (Atomics.load(words, at + OCCUPIED) === 0) return undefined
      const view = this.#view(slot, at)
      // Adding nothing is a full barrier: what was read before it is not read after it.
      if (Atomics.add(words, at, 0) === lock) return view
    }
    return undefined
  }

  /** For the other thread: all slots that are taken. */
  *taken(): Generator<SlotView> {
    for (let slot = 0; slot < this.capacity; slot++) {
      const view = this.read(slot)
      if (view) yield view
    }
  }

  get state(): InstanceState {
    return INSTANCE_STATES[Atomics.load(this.#words, STATE)]!
  }

  set state(state: InstanceState) {
    Atomics.store(this.#words, STATE, INSTANCE_STATES.indexOf(state))
  }

  countCompleted(): void {
    this.#words[COMPLETED]!++
  }

  countFailed(): void {
    this.#words[FAILED]!++
  }

  /** Handlers that go on after their step was settled, and those of them that do not heed their signal. */
  setLeftBehind(lingering: number, stuck: number): void {
    this.#words[LINGERING] = lingering
    this.#words[STUCK] = stuck
  }

  get figures(): { completed: number; failed: number; lingering: number; stuck: number } {
    return {
      completed: this.#words[COMPLETED]! >>> 0,
      failed: this.#words[FAILED]! >>> 0,
      lingering: this.#words[LINGERING]!,
      stuck: this.#words[STUCK]!,
    }
  }

  countTurn(): void {
    Atomics.add(this.#words, TURNS, 1)
  }

  get turns(): number {
    return Atomics.load(this.#words, TURNS)
  }

  countBeat(): void {
    Atomics.add(this.#words, BEATS, 1)
  }

  get beats(): number {
    return Atomics.load(this.#words, BEATS)
  }

  addBlocked(ms: number): void {
    Atomics.add(this.#words, BLOCKED_MS, Math.round(ms))
  }

  get blockedMs(): number {
    return Atomics.load(this.#words, BLOCKED_MS)
  }

  #writeTexts(slot: number, { ackSubject, taskId, stepId }: SlotContent): void {
    const at = wordOf(slot)
    this.#words[at + ACK_LENGTH] = ackSubject.length
    this.#words[at + TASK_LENGTH] = taskId.length
    this.#words[at + STEP_LENGTH] = stepId.length
    // One call for all three, which are ASCII: the call costs more than the copying.
    this.#bytes.write(ackSubject + taskId + stepId, textOf(slot), 'latin1')
  }

  #view(slot: number, at: number): SlotView {
    const words = this.#words
    const ackEnd = textOf(slot) + words[at + ACK_LENGTH]!
    const taskEnd = ackEnd + words[at + TASK_LENGTH]!
    const stepEnd = taskEnd + words[at + STEP_LENGTH]!
    const flags = words[at + FLAGS]!
    return {
      slot,
      generation: words[at + GENERATION]!,
      attempt: words[at + ATTEMPT]!,
      deliveries: words[at + DELIVERIES]!,
      running: (flags & RUNNING) !== 0,
      announced: (flags & ANNOUNCED) !== 0,
      ackSubject: this.#bytes.toString('latin1', textOf(slot), ackEnd),
      taskId: this.#bytes.toString('latin1', ackEnd, taskEnd),
      stepId: this.#bytes.toString('latin1', taskEnd, stepEnd),
    }
  }
}

function fits({ ackSubject, taskId, stepId }: SlotContent): boolean {
  return ackSubject.length + taskId.length + stepId.length <= TEXT_BYTES
}

function wordOf(slot: number): number {
  return HEAD_WORDS + (slot * SLOT_BYTES) / 4
}

function textOf(slot: number): number {
  return HEAD_WORDS * 4 + slot * SLOT_BYTES + SLOT_WORDS * 4
}
