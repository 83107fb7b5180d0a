import type { Clock } from '#platform/clock/clock.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { IntegrityFindings, IntegrityRecord } from '#schemas/integrity.ts'
import { isTerminal } from '#schemas/task.ts'
import { STREAMS } from '#subjects/streams.ts'
import { parseLogSubject, SUBJECTS } from '#subjects/subjects.ts'
import type { TaskFoldOptions } from '../history/task-fold.ts'
import type { RawEvent } from '../partition/decode-event.ts'
import { decodeMessage } from '../partition/decode-message.ts'
import { EventInbox } from '../partition/event-inbox.ts'
import { AuditPace } from './audit-pace.ts'
import { AuditedTasks } from './audited-tasks.ts'
import { noFindings, withViolation } from './findings.ts'
import { checkStore, type Question, type StoreCheckDeps, type Suspicion } from './store-check.ts'

export interface AuditSettings {
  /** After something is due it has so long to happen: owners change within seconds. Milliseconds. */
  graceMs: number
  /** Between two samples at the store. Milliseconds. */
  checkIntervalMs: number
}

export interface LogAuditDeps {
  bus: { streams: Pick<Bus['streams'], 'facts'>; consumers: Pick<Bus['consumers'], 'followLog'> }
  store: StoreCheckDeps['store']
  isOwned: StoreCheckDeps['isOwned']
  /** The broker's. */
  clock: Clock
  fold: TaskFoldOptions
  settings: AuditSettings
  log: Pick<Log, 'warn' | 'error' | 'info'>
  onViolation: (suspicion: Suspicion) => void
}

const BATCH_EVENTS = 64
/** An auditor that is farther behind goes on at the end of the log: the rest is passed over, and counted. */
const MAX_BEHIND_EVENTS = 10_000
/** How far back the log is read again for tasks that had not ended when another auditor took over. */
const MAX_REREAD_EVENTS = 10_000
/** What waits to be looked at in the store; more is not compared. */
const MAX_QUESTIONS = 1000
const QUESTIONS_A_SAMPLE = 100
/** What a state costs that is read and taken apart, measured; comparing comes on top of it. Milliseconds. */
const STATE_MS = 0.4
/** One that could not be answered for so many samples is let go. */
const MAX_SAMPLES = 12

interface Asked extends Question {
  samples: number
}

/**
 * Reads the log as nobody who has a part in it: folds each event with the same pure core, checks each turn, and compares what comes of it
 * with the store. From where the record says, or from the end of the log; until it is stopped, or the log is another one.
 */
export class LogAudit {
  readonly #deps: LogAuditDeps
  readonly #tasks: AuditedTasks
  readonly #pace: AuditPace
  readonly #stopping = new AbortController()
  #questions: Asked[] = []
  /** Overdue at the last sample, with the last event of each. */
  readonly #suspected = new Map<string, number>()
  #findings: IntegrityFindings
  #log = ''
  #readSeq = 0
  #countedSeq = 0
  #settledSeq = 0
  #behind = 0
  /** When the last message was stored that was read. Unix milliseconds. */
  #readAtMs = 0
  /** When all was well last: what was due before has its time from then on. Unix milliseconds. */
  #healedAtMs: number
  #inbox = new EventInbox()

  constructor(deps: LogAuditDeps, record: IntegrityRecord | undefined) {
    this.#deps = deps
    this.#tasks = new AuditedTasks(deps.fold)
    this.#pace = new AuditPace(deps.clock.monotonicMs())
    this.#healedAtMs = deps.clock.nowMs()
    this.#findings = record?.findings ?? noFindings(this.#healedAtMs)
    this.#log = record?.log ?? ''
    this.#readSeq = (record?.fromSeq ?? 1) - 1
    this.#countedSeq = record?.countedSeq ?? 0
    this.#settledSeq = record?.settledSeq ?? 0
  }

  get findings(): IntegrityFindings {
    return this.#findings
  }

  /** What whoever comes next goes on from. */
  get record(): Omit<IntegrityRecord, 'v' | 'atMs' | 'instance'> {
    return {
      log: this.#log,
      open: this.#tasks.size,
      behind: this.#behind,
      fromSeq: this.#fromSeq,
      countedSeq: Math.max(this.#countedSeq, this.#readSeq),
      settledSeq: this.#settled,
      findings: this.#findings,
    }
  }

  /** Where the first was accepted of those that have not ended, or that have not been compared. */
  get #fromSeq(): number {
    const asked = this.#questions.map(({ task }) => task.acceptedSeq)
    return Math.min(this.#readSeq + 1, this.#tasks.oldestSeq ?? Number.POSITIVE_INFINITY, ...asked)
  }

  /** Up to here everything is settled that an event may have broken: what is not is found again by whoever comes next. */
  get #settled(): number {
    const read = Math.max(this.#settledSeq, this.#readSeq)
    const suspected = this.#questions.flatMap(({ suspicion }) => suspicion?.seq ?? [])
    return Math.min(read, ...suspected.map((seq) => seq - 1))
  }

  stop(): void {
    this.#stopping.abort()
    this.#inbox.close()
  }

  /** Until it is stopped. @throws when the log or the store do not answer: then it is begun again */
  async run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const { created, firstSeq, lastSeq } = await this.#deps.bus.streams.facts(STREAMS.log.name)
      if (this.#log !== created) this.#begin(created, lastSeq)
      const oldest = Math.max(firstSeq - 1, lastSeq - MAX_REREAD_EVENTS)
      if (this.#readSeq < oldest) this.#skipTo(oldest)
      await this.#follow()
    }
  }

  #begin(log: string, lastSeq: number): void {
    this.#tasks.clear()
    this.#questions = []
    if (this.#log !== '')
      this.#findings = { ...noFindings(this.#deps.clock.nowMs()), recent: this.#findings.recent }
    this.#log = log
    this.#readSeq = lastSeq
    this.#countedSeq = lastSeq
    this.#settledSeq = lastSeq
  }

  /** What lies between is not audited: nor are tasks that may have events there. */
  #skipTo(seq: number): void {
    this.#count({ skipped: Math.max(0, seq - Math.max(this.#readSeq, this.#countedSeq)) })
    this.#tasks.clear()
    this.#questions = this.#questions.filter(({ why }) => why !== 'overdue')
    this.#readSeq = seq
    this.#countedSeq = Math.max(this.#countedSeq, seq)
  }

  /** From where it stands; returns when it is to look where the log is. */
  async #follow(): Promise<void> {
    const { bus, clock, log, settings } = this.#deps
    const { signal } = this.#stopping
    const inbox = new EventInbox()
    this.#inbox = inbox
    const room = () => Math.min(inbox.room, this.#pace.room(clock.monotonicMs()))
    const follower = bus.consumers.followLog({
      stream: STREAMS.log.name,
      filterSubject: SUBJECTS.logAll,
      fromSeq: this.#readSeq + 1,
      room,
      onMessage: (message) => inbox.push(message),
      onTrouble: (what) => {
        this.#healedAtMs = clock.nowMs()
        if (!signal.aborted) log.warn({ what }, 'reading the log for the audit was interrupted')
      },
      onBreak: () => inbox.close(),
    })
    const wakes = setInterval(() => inbox.wake(), settings.checkIntervalMs)
    let sampledMs = clock.monotonicMs()
    try {
      while (!signal.aborted && !inbox.isClosed) {
        const batch = await inbox.take(BATCH_EVENTS)
        if (inbox.isClosed) break
        this.#fold(batch)
        this.#behind = inbox.size + follower.unread
        if (this.#behind > MAX_BEHIND_EVENTS) break
        const pauseMs = this.#pace.pauseMs(clock.monotonicMs())
        if (pauseMs > 0) await clock.sleep(pauseMs, signal)
        follower.more()
        if (clock.monotonicMs() - sampledMs < settings.checkIntervalMs) continue
        sampledMs = clock.monotonicMs()
        await this.#sample()
      }
    } finally {
      clearInterval(wakes)
      await follower.stop()
    }
  }

  #fold(batch: readonly RawEvent[]): void {
    const { clock } = this.#deps
    const startedMs = clock.monotonicMs()
    for (const message of batch) this.#take(message)
    if (batch.length > 0) this.#pace.spend(clock.monotonicMs() - startedMs, batch.length)
  }

  #take(message: RawEvent): void {
    const isNew = message.seq > this.#countedSeq
    this.#readSeq = message.seq
    this.#readAtMs = message.storedAtMs
    const partition = parseLogSubject(message.subject)?.partition
    if (partition === undefined) return
    for (const { raw, decoded } of decodeMessage(message)) {
      if ('later' in decoded || raw.unopened !== undefined) this.#forget(partition)
      if (!('event' in decoded)) continue
      const { event } = decoded
      const { kind, broken, isLate, task } = this.#tasks.take(event, partition)
      if (kind === 'passed') {
        if (isNew) this.#count({ skipped: 1 })
        continue
      }
      const hasEnded = task !== undefined && isTerminal(task.state.status) && !isLate
      if (isNew) this.#count({ events: 1, late: Number(isLate), ended: Number(hasEnded) })
      if (!task) continue
      // What was settled before is known from then.
      if (message.seq > this.#settledSeq)
        for (const one of broken)
          this.#ask({ task, why: 'confirm', suspicion: { ...one, task, seq: event.seq } })
      if (hasEnded) this.#ask({ task, why: 'compare' })
    }
  }

  /** Whose it is nobody can say here: no task of the partition can be followed past it. */
  #forget(partition: number): void {
    this.#tasks.dropPartition(partition)
    this.#questions = this.#questions.filter(({ task }) => task.partition !== partition)
  }

  #ask(question: Question): void {
    if (this.#questions.length < MAX_QUESTIONS || question.why === 'confirm')
      this.#questions.push({ ...question, samples: 0 })
  }

  /** At the store: some of what is to be looked at, and what is overdue. */
  async #sample(): Promise<void> {
    const { clock } = this.#deps
    const overdue = this.#overdue()
    const asked = this.#questions.splice(0, QUESTIONS_A_SAMPLE)
    const all: Asked[] = [...asked, ...overdue]
    if (all.length === 0) return
    this.#pace.spend(all.length * STATE_MS)
    try {
      const answers = await checkStore(
        {
          ...{ store: this.#deps.store, isOwned: this.#deps.isOwned, nowMs: clock.nowMs },
          keepFinishedMs: this.#deps.fold.keepFinishedMs,
          spend: (tookMs) => this.#pace.spend(tookMs),
          monotonicMs: () => clock.monotonicMs(),
        },
        all,
      )
      for (const [i, question] of all.entries()) this.#conclude(question, answers[i]!)
    } catch (error) {
      this.#healedAtMs = clock.nowMs()
      this.#questions.unshift(...asked)
      throw error
    }
  }

  #overdue(): Asked[] {
    const { clock, settings } = this.#deps
    const nowMs = clock.nowMs()
    // What has happened of it in time lies in the part of the log that was read.
    const isRead = this.#behind === 0 || nowMs - this.#readAtMs < settings.graceMs / 4
    if (!isRead || nowMs - this.#healedAtMs < settings.graceMs) return []
    const found = this.#tasks.overdue(nowMs - settings.graceMs, QUESTIONS_A_SAMPLE)
    const ids = new Set(found.map(({ id }) => id))
    for (const id of this.#suspected.keys()) if (!ids.has(id)) this.#suspected.delete(id)
    return found.map((task) => ({ task, why: 'overdue', samples: 0 }))
  }

  #conclude(question: Asked, answer: Awaited<ReturnType<typeof checkStore>>[number]): void {
    const { task, why, samples } = question
    switch (answer.verdict) {
      case 'sound':
        this.#count({ compared: 1 })
        return
      case 'unknown':
        if (why === 'overdue') this.#tasks.drop(task.id)
        return
      case 'later':
        if (why !== 'overdue' && samples + 1 < MAX_SAMPLES)
          this.#questions.push({ ...question, samples: samples + 1 })
        return
      case 'broken':
        if (this.#isToBeSeenAgain(question)) return
        this.#found(answer.suspicion)
    }
  }

  /** What was written between two readings samples like a fault: what is one is so in the next sample, too. */
  #isToBeSeenAgain(question: Asked): boolean {
    const { task, why, samples, suspicion } = question
    if (why === 'overdue') {
      const isSame = this.#suspected.get(task.id) === task.seq
      this.#suspected.set(task.id, task.seq)
      return !isSame || this.#tasks.get(task.id)?.seq !== task.seq
    }
    if (suspicion || samples > 0) return false
    this.#questions.push({ ...question, samples: 1 })
    return true
  }

  #found(suspicion: Suspicion): void {
    const { rule, message, task, seq } = suspicion
    if (rule === 'due-happens' || rule === 'store-is-the-fold') this.#tasks.drop(task.id)
    const about = { rule, taskId: task.id, ...(seq !== undefined && { seq }) }
    const next = withViolation(this.#findings, { ...about, atMs: this.#deps.clock.nowMs(), message })
    if (next === this.#findings) return
    this.#findings = next
    this.#deps.log.error({ ...about, message }, 'a task broke a rule that must hold')
    this.#deps.onViolation(suspicion)
  }

  #count(more: Partial<Record<'events' | 'ended' | 'compared' | 'skipped' | 'late', number>>): void {
    const findings = { ...this.#findings }
    for (const [name, count] of Object.entries(more)) findings[name as keyof typeof more] += count
    this.#findings = findings
  }
}
