import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { TaskAccepted, TaskControl } from '#schemas/log-event.ts'
import type { SubmissionReceipt } from '#schemas/submission.ts'
import type { SubmissionKey } from '#schemas/submission-key.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { MESSAGE_IDS, partitionOf, SUBJECTS } from '#subjects/subjects.ts'
import {
  closed,
  decideSubmission,
  describeVerdict,
  isSameSubmission,
  type KeyVerdict,
  keyOf,
  keyWork,
  published,
  releaseOf,
  started,
} from '#workflow/submission-keys/decide-key.ts'
import { type AcceptDeps, acceptedBefore, publishAccepted, repeated } from '../intake/accept-task.ts'
import type { Admission } from '../intake/admit.ts'
import type { BegunKeeping } from '../objects/object-keeping.ts'
import { hasEnded } from '../schedules/run-outcomes.ts'
import { RETRY_AFTER_MS, refusalOf } from './key-refusal.ts'
import { type StoredKey, type SubmissionKeyStore, subjectOfKey } from './submission-key-store.ts'

export interface KeyedSubmissionsDeps extends Omit<AcceptDeps, 'giveUpAfterMs' | 'bus'> {
  bus: Bus
  keys: Pick<SubmissionKeyStore, 'read' | 'write' | 'forget' | 'count'>
  /** The broker's. */
  clock: Pick<Clock, 'nowMs'>
  metrics: Metrics
}

/** Writes that meet those of other orchestrators, before whoever asked is told to come back. */
const MAX_ATTEMPTS = 16
const GIVE_UP_AFTER_MS = 5000

/**
 * Submissions with a key of `singleton` or `debounce`. What becomes of one is decided from what the stream has of its key, and written
 * after it: a task that the key names is accepted with that, and whoever finds it not in the log yet writes it there. So neither
 * two that come at the same time nor an orchestrator that dies in between makes two tasks, or none.
 */
export class KeyedSubmissions {
  readonly #deps: KeyedSubmissionsDeps
  /** One after the other for each key: what they would write would only meet. As many as there are requests in hand. */
  readonly #busy = new Map<string, Promise<unknown>>()

  constructor(deps: KeyedSubmissionsDeps) {
    this.#deps = deps
  }

  /**
   * Decides what becomes of a submission, and does it.
   * @throws MurmurError SINGLETON_CONFLICT, IDEMPOTENCY_CONFLICT, INVALID_SUBMISSION, QUOTA_EXCEEDED, OVERLOADED, UNAVAILABLE
   */
  async submit(
    admission: Admission,
    { giveUpAfterMs }: { giveUpAfterMs: number },
  ): Promise<SubmissionReceipt> {
    const before = await acceptedBefore(admission, this.#deps)
    if (before) return before
    const subject = subjectOf(admission)
    const { receipt, wrote } = await this.#inTurn(subject, () =>
      this.#decide(subject, admission, giveUpAfterMs),
    )
    // What follows from it needs nobody's patience; where it fails, the runner of keys goes on.
    if (wrote) void this.#inTurn(subject, () => this.#goOn(subject, wrote)).catch(() => {})
    return receipt
  }

  /** What would become of a submission now. A sentence for people. @throws MurmurError UNAVAILABLE */
  async preview({ accepted, ...options }: Admission): Promise<string> {
    const about = keyOf({ accepted, ...options })
    if (!about) return ''
    const entry = await this.#deps.keys.read(subjectOfKey({ tenant: accepted.tenant, ...about }))
    const verdict = await this.#verdict(entry, { accepted, ...options } as Admission)
    return describeVerdict(verdict, about.key)
  }

  /** Does what is to be done for a key now. @returns whether there was something, and it is done @throws MurmurError UNAVAILABLE */
  work(subject: string): Promise<boolean> {
    return this.#inTurn(subject, async () => {
      const entry = await this.#deps.keys.read(subject)
      return entry !== undefined && (await this.#workOn(subject, entry))
    })
  }

  #inTurn<Result>(subject: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#busy.get(subject) ?? Promise.resolve()
    const now = before.then(work, work)
    const settled = now
      .catch(() => {})
      .finally(() => {
        if (this.#busy.get(subject) === settled) this.#busy.delete(subject)
      })
    this.#busy.set(subject, settled)
    return now
  }

  async #decide(subject: string, admission: Admission, giveUpAfterMs: number): Promise<Decided> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const entry = await this.#settled(await this.#deps.keys.read(subject))
      const verdict = await this.#verdict(entry, admission)
      const decided = await this.#carryOut(subject, { entry, verdict, admission, giveUpAfterMs })
      if (!decided) continue
      this.#deps.metrics.counter('murmur_keyed_submissions_total').labels(verdictName(verdict)).inc()
      return decided
    }
    throw new MurmurError('UNAVAILABLE', 'others decide about this key again and again', {
      retryAfterMs: RETRY_AFTER_MS,
    })
  }

  /** What was decided and is not done yet is done first. */
  async #settled(entry: StoredKey | undefined): Promise<StoredKey | undefined> {
    if (!entry) return undefined
    let { record } = entry
    if (record.unpublished) record = await this.#publish(record)
    if (record.window?.closed) record = await this.#release(record)
    return { ...entry, record }
  }

  async #verdict(entry: StoredKey | undefined, { accepted, ...options }: Admission): Promise<KeyVerdict> {
    const { keepFinishedMs, clock } = this.#deps
    const holder = entry?.record.holder
    const holderEnded = holder ? await hasEnded(holder.taskId, this.#deps) : false
    const submission = { accepted: { ...accepted, keepFinishedMs }, ...options }
    return decideSubmission(entry?.record, submission, { nowMs: Math.round(clock.nowMs()), holderEnded })
  }

  /** @returns undefined where somebody else was first */
  async #carryOut(
    subject: string,
    about: {
      entry: StoredKey | undefined
      verdict: KeyVerdict
      admission: Admission
      giveUpAfterMs: number
    },
  ): Promise<Decided | undefined> {
    const { entry, verdict, admission } = about
    const { accepted } = admission
    if (verdict.kind === 'refused') {
      this.#deps.metrics.counter('murmur_keyed_submissions_total').labels('refused').inc()
      throw refusalOf(verdict, keyOf(admission)?.key ?? '')
    }
    if (verdict.kind === 'repeated') {
      const receipt = repeated(verdict.taskId, verdict.isSame)
      return {
        receipt: {
          ...receipt,
          ...(!isSameSubmission(verdict.taskId, accepted.taskId) && otherOf(admission)),
        },
      }
    }
    if (verdict.kind === 'started') return this.#start(subject, { ...about, verdict })
    const { record, taskId } = verdict
    const kept = verdict.kind === 'merged' ? await this.#keep(admission, { ...accepted, taskId }) : undefined
    if ((await this.#deps.keys.write(subject, record, entry?.seq ?? 0)) === undefined) {
      await kept?.letGo()
      return undefined
    }
    const receipt: SubmissionReceipt = { taskId, duplicate: false, ...otherOf(admission) }
    if (verdict.kind !== 'merged') return { receipt }
    this.#tellMerged(record)
    return { receipt: { ...receipt, startsAtMs: verdict.startsAtMs } }
  }

  async #start(
    subject: string,
    about: {
      entry: StoredKey | undefined
      verdict: KeyVerdict & { kind: 'started' }
      admission: Admission
      giveUpAfterMs: number
    },
  ): Promise<Decided | undefined> {
    const { keys, admission, bus, partitions, live } = this.#deps
    const { entry, giveUpAfterMs } = about
    const { record, replaced } = about.verdict
    const task = record.task!
    const { tenant, taskId } = task
    if (!entry && keys.count(tenant) >= LIMITS.submissionKeys)
      throw new MurmurError(
        'QUOTA_EXCEEDED',
        `${LIMITS.submissionKeys} keys of submissions of this tenant are in use, or were a moment ago`,
        { retryAfterMs: RETRY_AFTER_MS },
      )
    const event = JSON.stringify(task)
    const partition = partitionOf(taskId, partitions)
    // Before it is written: what a key names is accepted.
    const { visitor } = about.admission
    const admitted = admission.admit(tenant, { accepted: task, bytes: Buffer.byteLength(event) }, visitor)
    try {
      const kept = await this.#keep(about.admission, task)
      live?.assertSure()
      const seq = await keys.write(subject, record, entry?.seq ?? 0)
      if (seq === undefined) {
        admitted.withdrawn()
        await kept?.letGo()
        return undefined
      }
      const ack = await publishAccepted(event, { taskId, partition, tenant }, { bus, giveUpAfterMs })
      admitted.stored(partition, ack.seq)
      const { window } = record
      const receipt: SubmissionReceipt = {
        taskId,
        duplicate: false,
        ...(replaced !== undefined && { replaced }),
        ...(window && { merged: false, startsAtMs: window.dueMs }),
      }
      return { receipt, wrote: { record, seq } }
    } catch (error) {
      admitted.withdrawn()
      throw error
    }
  }

  /** Only what a new task, or one that takes this input, refers to has to be there. @throws MurmurError BLOB_NOT_FOUND; UNAVAILABLE */
  #keep({ missing }: Admission, task: TaskAccepted): Promise<BegunKeeping | undefined> | undefined {
    if (missing) throw missing
    return this.#deps.keeping?.keepFor(task)
  }

  /** A task is in the log: what is known of its key says so, and those that it replaces hear of it. */
  async #goOn(subject: string, { record, seq }: StoredKey): Promise<void> {
    const next = published(record)
    const written = await this.#deps.keys.write(subject, next, seq)
    if (written !== undefined && next.predecessors?.length)
      await this.#workOn(subject, { record: next, seq: written })
  }

  async #workOn(subject: string, entry: StoredKey): Promise<boolean> {
    const { keys, clock } = this.#deps
    const nowMs = Math.round(clock.nowMs())
    const { record, seq } = entry
    switch (keyWork(record, nowMs)) {
      case undefined:
        return false
      case 'publish':
        await keys.write(subject, await this.#publish(record), seq)
        return true
      case 'close-window':
        return this.#closeWindow(subject, entry)
      case 'start':
        await keys.write(subject, await this.#release(record), seq)
        return true
      case 'await-predecessors':
        if (!(await this.#predecessorsEnded(record))) return false
        await keys.write(subject, await this.#release(record), seq)
        return true
      case 'forget':
        if (record.holder && !(await hasEnded(record.holder.taskId, this.#deps)))
          await keys.write(subject, { ...record, updatedAtMs: nowMs }, seq)
        else await keys.forget(subject, seq)
        return true
    }
  }

  /** With what a task starts is written down before it is told to start: what comes after that is another one's. */
  async #closeWindow(subject: string, { record, seq }: StoredKey): Promise<boolean> {
    const { keys } = this.#deps
    const decided = closed(record)
    const written = await keys.write(subject, decided, seq)
    if (written === undefined) return false
    await keys.write(subject, await this.#release(decided), written)
    return true
  }

  async #publish(record: SubmissionKey): Promise<SubmissionKey> {
    const { bus, partitions } = this.#deps
    const { task } = record
    if (!task) return published(record)
    const { taskId, tenant } = task
    const about = { taskId, partition: partitionOf(taskId, partitions), tenant }
    await publishAccepted(JSON.stringify(task), about, { bus, giveUpAfterMs: GIVE_UP_AFTER_MS })
    return published(record)
  }

  async #release(record: SubmissionKey): Promise<SubmissionKey> {
    const control = releaseOf(record)
    if (control) await this.#control(record.tenant, control, MESSAGE_IDS.released(control.taskId))
    return started(record, Math.round(this.#deps.clock.nowMs()))
  }

  /** They are told that they are cancelled, as often as it is looked at: the ids of what is told make that harmless. */
  async #predecessorsEnded({ tenant, predecessors = [], holder }: SubmissionKey): Promise<boolean> {
    const by = holder?.taskId ?? ''
    const ended = await Promise.all(predecessors.map((taskId) => hasEnded(taskId, this.#deps)))
    const alive = predecessors.filter((_, i) => !ended[i])
    const reason = `task "${by}" takes its place: both have the same singleton key`
    await Promise.all(
      alive.map((taskId) =>
        this.#control(tenant, { v: 1, taskId, action: 'cancel', reason }, MESSAGE_IDS.replaced(taskId, by)),
      ),
    )
    return alive.length === 0
  }

  async #control(tenant: string, control: TaskControl, msgId: string): Promise<void> {
    const { bus, partitions } = this.#deps
    const { taskId } = control
    const subject = SUBJECTS.log(partitionOf(taskId, partitions), 'control')
    const payload = { tenant, taskId }
    const options = { msgId, giveUpAfterMs: GIVE_UP_AFTER_MS, payload }
    await bus.publisher.publish(subject, JSON.stringify(control), options)
  }

  /** For those who watch the task. There may be nobody, so nothing depends on it. */
  #tellMerged({ holder, window }: SubmissionKey): void {
    if (!holder || !window) return
    const { taskId, type } = holder
    const event: TaskEvent = {
      ...{ v: 1, kind: 'progress', taskId, type, atMs: this.#deps.clock.nowMs() },
      note: `${window.submissions} submissions are one task, which starts at ${new Date(window.dueMs).toISOString()}`,
    }
    this.#deps.bus.publishCore(SUBJECTS.event(type, taskId, 'progress'), JSON.stringify(event))
  }
}

interface Decided {
  receipt: SubmissionReceipt
  /** A new task, which is in the log: the record that accepted it. */
  wrote?: StoredKey
}

function subjectOf(admission: Admission): string {
  const { tenant } = admission.accepted
  return subjectOfKey({ tenant, ...keyOf(admission)! })
}

/** What is said of an answer that is another submission's task. */
function otherOf({ debounce }: Admission): Pick<SubmissionReceipt, 'merged' | 'existing'> {
  return debounce ? { merged: true } : { existing: true }
}

function verdictName(verdict: KeyVerdict): string {
  return verdict.kind === 'started' && verdict.replaced !== undefined ? 'replaced' : verdict.kind
}
