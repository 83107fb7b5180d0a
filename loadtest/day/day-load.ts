import { setTimeout as sleep } from 'node:timers/promises'
import type { Bus } from '../../services/platform/nats/bus.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { parseTaskEventSubject } from '../../subjects/subjects.ts'

/** What clients were told, and what became of it. */
export interface DayLedger {
  accepted: number
  /** Tasks that were not seen to complete, and whose answer is not `completed` either. */
  lost: string[]
  /** Of these it was asked again because no event of their end was seen: events are told once, and a dead process tells none. */
  asked: number
  /** Refused and sent again, by code; the same key each time. */
  refused: Record<string, number>
  /** Submissions that nobody took within a minute. */
  givenUp: number
  /** Tasks of the whole day that did their last step at its end. */
  longCompleted: number
  /** From a submission until it was accepted, the longest. Milliseconds. */
  longestAcceptMs: number
}

const ASK_TIMEOUT_MS = 5000
const RETRY_MS = 250
const GIVE_UP_MS = 60_000
const AT_ONCE = 200
const payload = 'x'.repeat(200)
const from = (path: string) => ({ payload: { $from: path } })
const THREE_STEPS = {
  steps: [
    { id: 'a', agent: 'noop-a', input: from('input.payload') },
    { id: 'b', agent: 'noop-b', needs: ['a'], input: from('steps.a.output.payload') },
    { id: 'c', agent: 'noop-c', needs: ['b'], input: from('steps.b.output.payload') },
  ],
}
const LONG = {
  steps: [
    { id: 'wait', waitFor: { signal: 'evening' } },
    { id: 'c', agent: 'noop-c', needs: ['wait'], input: from('input.payload') },
  ],
}
const LONG_MS = 86_400_000

/** Clients of a day: three-step tasks at a fixed rate, and some that are there from morning to evening. Each is asked for at the end. */
export class DayLoad {
  readonly #bus: Bus
  readonly #long = new Set<string>()
  readonly #open = new Set<string>()
  readonly #under = new Set<Promise<void>>()
  readonly #ledger: DayLedger = {
    ...{ accepted: 0, lost: [], asked: 0, refused: {}, givenUp: 0, longCompleted: 0, longestAcceptMs: 0 },
  }
  /** Ended before the answer to their submission came. */
  readonly #early = new Set<string>()
  readonly #end: () => void

  constructor(bus: Bus) {
    this.#bus = bus
    this.#end = bus.subscribe('tasks.events.plan.*.completed', ({ subject }) => {
      const { taskId } = parseTaskEventSubject(subject)!
      if (!this.#open.delete(taskId)) this.#early.add(taskId)
    })
  }

  get accepted(): number {
    return this.#ledger.accepted
  }

  /** Accepted, and not seen to end yet. */
  get open(): number {
    return this.#open.size
  }

  async beginLong(count: number): Promise<void> {
    const bodies = Array.from({ length: count }, (_, i) => ({
      ...{ type: 'plan', idempotencyKey: `long-${i}`, input: { payload }, plan: LONG, deadlineMs: LONG_MS },
    }))
    await Promise.all(bodies.map((body) => this.#submit(body, (id) => this.#long.add(id))))
  }

  /** Sends what is due by now; a generator that was late catches up. */
  send(from: number, to: number): void {
    for (let n = from; n < to; n++) {
      const body = { type: 'plan', idempotencyKey: `day-${n}`, input: { payload }, plan: THREE_STEPS }
      const sent = this.#submit(body, (id) => {
        if (!this.#early.delete(id)) this.#open.add(id)
      })
      this.#under.add(sent)
      void sent.finally(() => this.#under.delete(sent))
    }
  }

  /** Everything that was sent is answered, and the long ones are let on; each task that was accepted is asked for until it has ended. */
  async close(settleMs: number): Promise<DayLedger> {
    await Promise.all(this.#under)
    const untilMs = performance.now() + settleMs
    for (const part of partsOf([...this.#long], AT_ONCE))
      await Promise.all(part.map((taskId) => this.#signal(taskId, untilMs)))
    while (this.#open.size > 0 && performance.now() < untilMs) {
      await sleep(1000)
      if (performance.now() > untilMs - settleMs / 2) break
    }
    const rest = [...this.#open, ...this.#long]
    this.#ledger.asked = this.#open.size
    for (const part of partsOf(rest, AT_ONCE))
      await Promise.all(part.map((taskId) => this.#assertCompleted(taskId, untilMs)))
    this.#end()
    return this.#ledger
  }

  async #submit(body: object, onAccepted: (taskId: string) => void): Promise<void> {
    const text = JSON.stringify(body)
    const beganMs = performance.now()
    for (;;) {
      try {
        const receipt = await this.#bus.request(SERVICES.submitTask, text, { timeoutMs: ASK_TIMEOUT_MS })
        const { taskId } = receipt as { taskId: string }
        this.#ledger.accepted++
        this.#ledger.longestAcceptMs = Math.max(this.#ledger.longestAcceptMs, performance.now() - beganMs)
        onAccepted(taskId)
        return
      } catch (error) {
        const { code = 'NO_ANSWER', retryAfterMs = RETRY_MS } = error as {
          code?: string
          retryAfterMs?: number
        }
        this.#ledger.refused[code] = (this.#ledger.refused[code] ?? 0) + 1
        const leftMs = beganMs + GIVE_UP_MS - performance.now()
        if (leftMs <= 0) {
          this.#ledger.givenUp++
          return
        }
        await sleep(Math.min(retryAfterMs, leftMs))
      }
    }
  }

  async #signal(taskId: string, untilMs: number): Promise<void> {
    while (performance.now() < untilMs) {
      const signal = { taskId, name: 'evening', id: 'evening' }
      const asked = this.#bus.request(SERVICES.signalTask, signal, { timeoutMs: ASK_TIMEOUT_MS })
      if (
        await asked.then(
          () => true,
          () => false,
        )
      )
        return
      await sleep(RETRY_MS)
    }
  }

  async #assertCompleted(taskId: string, untilMs: number): Promise<void> {
    let status = 'nobody answered'
    do {
      const asked = this.#bus.request(SERVICES.getTask, { taskId }, { timeoutMs: ASK_TIMEOUT_MS })
      status = await asked.then(
        (answer) => (answer as { task: { status: string } }).task.status,
        (error: { code?: string }) => error.code ?? 'NO_ANSWER',
      )
      if (status === 'completed') {
        if (this.#long.has(taskId)) this.#ledger.longCompleted++
        return
      }
      await sleep(RETRY_MS)
    } while (performance.now() < untilMs)
    this.#ledger.lost.push(`${taskId}: ${status}`)
  }
}

function partsOf<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
}
