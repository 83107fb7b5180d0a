import { setTimeout as sleep } from 'node:timers/promises'
import { ERRORS, type ErrorCode } from '#schemas/problem.ts'
import type { Submission, SubmissionReceipt } from '#schemas/submission.ts'
import type { TaskState } from '#schemas/task.ts'
import { MurmurError, messageOf } from '../../../services/platform/errors/murmur-error.ts'
import type { Bus } from '../../../services/platform/nats/bus.ts'
import { SERVICES } from '../../../subjects/operations.ts'
import { SUBJECTS } from '../../../subjects/subjects.ts'
import type { ClientNote } from './checker/history.ts'
import type { Journal } from './journal.ts'
import type { PlannedTask } from './planned-task.ts'

const REQUEST_TIMEOUT_MS = 3000
const AGAIN_MS = 250
/** So long a client goes on asking. */
const PATIENCE_MS = 30_000
const POLL_INTERVAL_MS = 120

type Act = ClientNote['act']

/** The users of a run: they submit, repeat, cancel and read, and write down what they were told. */
export class Clients {
  readonly #bus: Bus
  readonly #journal: Journal<ClientNote>
  readonly #taskIds = new Map<string, string>()
  readonly #reading = new AbortController()

  constructor(bus: Bus, journal: Journal<ClientNote>) {
    this.#bus = bus
    this.#journal = journal
  }

  /** What they know to be accepted. */
  get taskIds(): string[] {
    return [...this.#taskIds.values()]
  }

  /** Carries out the load; resolves when every question was answered or given up. */
  async run(tasks: readonly PlannedTask[]): Promise<void> {
    const reading = this.#readOn()
    await Promise.all(tasks.map((task) => this.#live(task)))
    this.#reading.abort()
    await reading
  }

  /** Once, and not again. @returns whether it was accepted */
  async submitOnce(task: PlannedTask): Promise<boolean> {
    const receipt = await this.#ask(task.op, 'submit', () => this.#submit(task.submission))
    if (receipt) this.#taskIds.set(task.op, receipt.taskId)
    return receipt !== undefined
  }

  async #live(task: PlannedTask): Promise<void> {
    await sleep(task.atMs)
    if (task.via === 'queue') return this.#enqueue(task)
    const { op, submission, cancelAfterMs, repeat } = task
    const maySendAgain = submission.idempotencyKey !== undefined
    const receipt = await this.#patiently(op, 'submit', maySendAgain, () => this.#submit(submission))
    if (!receipt) return
    this.#taskIds.set(op, receipt.taskId)
    await Promise.all([
      cancelAfterMs !== undefined && this.#cancelLater(op, receipt.taskId, cancelAfterMs),
      repeat && this.#repeatLater(task, repeat),
    ])
  }

  /** The durable subject: the stream has it, an orchestrator takes it in. */
  async #enqueue({ op, submission }: PlannedTask): Promise<void> {
    const { type = 'plan', ...body } = submission
    await this.#ask(op, 'submit', () =>
      this.#bus.publisher
        .publish(SUBJECTS.submit(type), JSON.stringify(body), {
          msgId: submission.idempotencyKey ?? `message-${op}`,
          giveUpAfterMs: PATIENCE_MS,
        })
        .then(() => ({})),
    )
  }

  async #cancelLater(op: string, taskId: string, afterMs: number): Promise<void> {
    await sleep(afterMs)
    await this.#patiently(op, 'cancel', true, async () => {
      await this.#bus.request(SERVICES.cancelTask, { taskId }, { timeoutMs: REQUEST_TIMEOUT_MS })
      return { taskId }
    })
  }

  async #repeatLater(
    { op, submission }: PlannedTask,
    { afterMs, body }: NonNullable<PlannedTask['repeat']>,
  ): Promise<void> {
    await sleep(afterMs)
    if (body === 'same') await this.#patiently(op, 'repeat', true, () => this.#submit(submission))
    else
      await this.#patiently(op, 'conflict', true, () =>
        this.#submit({ ...submission, input: { other: true } }),
      )
  }

  async #submit(submission: Submission): Promise<SubmissionReceipt> {
    const answer = await this.#bus.request(SERVICES.submitTask, submission, { timeoutMs: REQUEST_TIMEOUT_MS })
    return answer as SubmissionReceipt
  }

  /** Until there is a definite answer, or patience is at its end. */
  async #patiently<Answer extends Partial<SubmissionReceipt>>(
    op: string,
    act: Act,
    maySendAgain: boolean,
    call: () => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const untilMs = performance.now() + PATIENCE_MS
    for (;;) {
      const answer = await this.#ask(op, act, call)
      const last = this.#journal.notes.findLast((note) => note.op === op && note.act === act)
      const mayPass = last?.phase === 'info' || last?.status === 429 || last?.status === 503
      if (answer || !mayPass || performance.now() > untilMs) return answer
      // Whether it was taken in is not known: without a key a second one would be another task.
      if (!maySendAgain && last?.phase === 'info') return undefined
      await sleep(AGAIN_MS)
    }
  }

  async #ask<Answer extends Partial<SubmissionReceipt>>(
    op: string,
    act: Act,
    call: () => Promise<Answer>,
  ): Promise<Answer | undefined> {
    this.#write({ op, act, phase: 'invoke' })
    try {
      const answer = await call()
      const { taskId, duplicate } = answer
      this.#write({ op, act, phase: 'ok', ...(taskId && { taskId }), ...(duplicate && { duplicate }) })
      return answer
    } catch (error) {
      this.#write({ op, act, ...refusalIn(error) })
      return undefined
    }
  }

  /** Looks at accepted tasks all the time: what is there must be seen, and what has ended stays as it is. */
  async #readOn(): Promise<void> {
    const { signal } = this.#reading
    for (let turn = 0; !signal.aborted; turn++) {
      const entries = [...this.#taskIds]
      const entry = entries[(turn * 7) % Math.max(1, entries.length)]
      if (entry) await this.#read(...entry)
      await sleep(POLL_INTERVAL_MS)
    }
  }

  async #read(op: string, taskId: string): Promise<void> {
    this.#write({ op, act: 'read', phase: 'invoke', taskId })
    try {
      const answer = await this.#bus.request(SERVICES.getTask, { taskId }, { timeoutMs: REQUEST_TIMEOUT_MS })
      const { status, rev, finishedAtMs } = (answer as { task: TaskState }).task
      this.#write({ op, act: 'read', phase: 'ok', taskId, read: { status, rev, finishedAtMs } })
    } catch (error) {
      this.#write({ op, act: 'read', taskId, ...refusalIn(error) })
    }
  }

  #write(note: Omit<ClientNote, 'atMs'>): void {
    this.#journal.write({ ...note, atMs: Date.now() })
  }
}

/** An answer that refuses, or no answer: then nobody knows. */
function refusalIn(error: unknown): Pick<ClientNote, 'phase' | 'code' | 'status' | 'message'> {
  const message = messageOf(error).slice(0, 200)
  if (!(error instanceof MurmurError)) return { phase: 'info', code: 'NONE', message }
  const { code } = error
  const status = (ERRORS[code as ErrorCode] ?? { status: 500 }).status
  // A 5xx may come after the deed, and a request without an answer is one of them.
  return { phase: status >= 500 ? 'info' : 'fail', code, status, message }
}
