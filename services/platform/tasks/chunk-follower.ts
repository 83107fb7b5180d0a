import type { Clock } from '#platform/clock/clock.ts'
import type { Step } from '#schemas/plan.ts'
import type { StepChunks, WatchedChunks } from '#schemas/step-chunks.ts'
import type { TaskState } from '#schemas/task.ts'
import { ChunkOrder } from './chunk-order.ts'

/** Chunks that have come, from an agent of this type. */
export type OnChunks = (message: StepChunks, from: { agent: string; bytes: number }) => void

/** Where the chunks of one task come from. */
export interface ChunkSource {
  /** Those that are emitted from now on; some may be lost. @returns a function that ends it */
  onChunks(listener: OnChunks): () => void
  /** What the run of a step has kept, oldest first; nothing when no run emits, or it does not answer. Never rejects. */
  replay(step: { agent: string; stepId: string; attempt: number }): Promise<readonly StepChunks[]>
}

interface Waiting {
  readonly item: WatchedChunks
  readonly bytes: number
}

/** A watcher who is slower than the step loses the oldest of what waits, and is told how much. Bytes. */
const MAX_WAITING_BYTES = 1024 * 1024
/** An item costs more than its chunks. */
const ITEM_BYTES = 256
/** The run of a step is asked again after this at the earliest. Milliseconds. */
const ASK_AGAIN_MS = 1000
/** Running steps that are asked when a watch begins: of more, it is told what they emit from then on. */
const MAX_ASKED = 64

/**
 * The chunks of one task for one watcher: those that are emitted, and, where some are missing before them or the watch begins late,
 * those that the process of the step has kept. Nobody waits for a watcher: what it does not take is bounded.
 */
export class ChunkFollower {
  readonly #source: ChunkSource
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #wake: () => void
  readonly #order = new ChunkOrder()
  /** By step: what has come while its run was asked. */
  readonly #held = new Map<string, { message: StepChunks; bytes: number }[]>()
  readonly #askedAtMs = new Map<string, number>()
  #steps = new Map<string, Step>()
  #waiting: Waiting[] = []
  #waitingBytes = 0
  readonly #end: () => void
  #isOver = false

  /** Begins to listen. @param wake told when there is something to take */
  constructor(source: ChunkSource, clock: Pick<Clock, 'monotonicMs'>, wake: () => void) {
    this.#source = source
    this.#clock = clock
    this.#wake = wake
    this.#end = source.onChunks((message, from) => this.#receive(message, from))
  }

  /** The task as it is when the watch begins: steps that run are asked what they have emitted. */
  begin({ plan, steps }: Pick<TaskState, 'plan' | 'steps'>): void {
    this.#steps = new Map(plan.steps.map((step) => [step.id, step]))
    // Items and iterations of a step are runs of their own beneath it.
    const runs = Object.entries(steps).flatMap(([id, step]) => [
      { stepId: id, ...step },
      ...Object.entries(step.runs ?? {}).map(([part, run]) => ({ stepId: `${id}.${part}`, ...run })),
    ])
    const running = runs.filter(({ status }) => status === 'dispatched')
    for (const { stepId, attempt } of running.slice(0, MAX_ASKED)) {
      const agent = this.#agentOf(stepId)
      if (agent !== undefined) this.#ask({ agent, stepId, attempt })
    }
  }

  get isReady(): boolean {
    return this.#waiting.length > 0
  }

  /** What there is to be told, oldest first. */
  take(): WatchedChunks[] {
    const taken = this.#waiting.map(({ item }) => item)
    this.#waiting = []
    this.#waitingBytes = 0
    return taken
  }

  end(): void {
    this.#isOver = true
    this.#end()
  }

  /** The type of agent of a run; undefined where the plan has no such step. */
  #agentOf(runId: string): string | undefined {
    const [stepId = '', part] = runId.split('.', 2)
    const step = this.#steps.get(stepId)
    const runs = part === 'fallback' ? step?.fallback : part === 'compensate' ? step?.compensate : step
    // `analysis@^2` names an agent and the versions that will do.
    return runs?.agent?.split('@', 1)[0]
  }

  #receive(message: StepChunks, { agent, bytes }: { agent: string; bytes: number }): void {
    const { stepId, attempt } = message
    // Only the agent of a step speaks for it.
    if ((this.#agentOf(stepId) ?? agent) !== agent) return
    const held = this.#held.get(stepId)
    if (held) {
      held.push({ message, bytes })
      // What is let go is told as missing.
      while (held.length > 1 && bytesOf(held) > MAX_WAITING_BYTES) held.shift()
    } else if (this.#order.missingBefore(message) > 0 && this.#mayAsk(stepId)) {
      this.#ask({ agent, stepId, attempt }, { message, bytes })
    } else this.#add(message, bytes)
  }

  #mayAsk(stepId: string): boolean {
    const askedAtMs = this.#askedAtMs.get(stepId)
    return askedAtMs === undefined || this.#clock.monotonicMs() - askedAtMs >= ASK_AGAIN_MS
  }

  #ask(
    step: Parameters<ChunkSource['replay']>[0],
    ...held: { readonly message: StepChunks; readonly bytes: number }[]
  ): void {
    const { stepId } = step
    this.#held.set(stepId, held)
    this.#askedAtMs.set(stepId, this.#clock.monotonicMs())
    void this.#source.replay(step).then((parts) => {
      if (this.#isOver) return
      const since = this.#held.get(stepId) ?? []
      this.#held.delete(stepId)
      for (const part of parts)
        if (part.stepId === stepId) this.#add(part, Buffer.byteLength(JSON.stringify(part.chunks)))
      for (const { message, bytes } of since) this.#add(message, bytes)
    })
  }

  #add(message: StepChunks, bytes: number): void {
    const item = this.#order.accept(message)
    if (!item) return
    this.#waiting.push({ item, bytes: bytes + ITEM_BYTES })
    this.#waitingBytes += bytes + ITEM_BYTES
    while (this.#waitingBytes > MAX_WAITING_BYTES && this.#waiting.length > 1) this.#cutFirst()
    this.#wake()
  }

  /** What is cut is said with what follows it of the same step. */
  #cutFirst(): void {
    const { item, bytes } = this.#waiting.shift()!
    this.#waitingBytes -= bytes
    const index = this.#waiting.findIndex(({ item: { stepId } }) => stepId === item.stepId)
    const next = this.#waiting[index]
    // It was all that waits of a step which others have overrun: what is left says that it is gone.
    if (!next) {
      const cut = (item.cut ?? 0) + item.chunks.length
      const from = item.from + item.chunks.length
      this.#waiting.push({ item: { ...item, from, chunks: [], cut }, bytes: 0 })
      return
    }
    const isSameRun = next.item.attempt === item.attempt && next.item.delivery === item.delivery
    const cut = (next.item.cut ?? 0) + (isSameRun ? (item.cut ?? 0) + item.chunks.length : 0)
    this.#waiting[index] = {
      ...next,
      item: {
        ...next.item,
        ...(cut > 0 && { cut }),
        ...(item.restarts && { restarts: true }),
      },
    }
  }
}

function bytesOf(held: readonly { bytes: number }[]): number {
  return held.reduce((sum, { bytes }) => sum + bytes + ITEM_BYTES, 0)
}
