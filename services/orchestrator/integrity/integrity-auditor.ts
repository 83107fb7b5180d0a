import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { HeldLock } from '#platform/locks/held-lock.ts'
import type { LockStore } from '#platform/locks/lock-store.ts'
import { Locks } from '#platform/locks/locks.ts'
import type { Serving } from '#platform/nats/bus.ts'
import type { Redis } from '#platform/redis/redis.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { type IntegrityRecord, type IntegrityView, integrityRecordSchema } from '#schemas/integrity.ts'
import type { TaskFoldOptions } from '../history/task-fold.ts'
import { PARTITION_KEYS } from '../partition/commit-args.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import { type AuditSettings, LogAudit, type LogAuditDeps } from './log-audit.ts'

export interface IntegrityAuditorDeps {
  bus: Serving & LogAuditDeps['bus']
  redis: Pick<Redis, 'get' | 'setFor'>
  store: Pick<PartitionStore, 'position' | 'readTasks'>
  locks: LockStore
  /** The broker's. */
  clock: Clock
  instance: string
  fold: TaskFoldOptions
  settings: AuditSettings
  metrics: Metrics
  log: Log
}

/** What an orchestrator waits for before it says that something due has not happened: takeovers and restarts are over by then. */
export const AUDIT_SETTINGS: AuditSettings = { graceMs: 60_000, checkIntervalMs: 5000 }

const KEY = 'murmur:reports:integrity'
const SCOPE = 'orchestrators/integrity'
/** An auditor that died is followed by another after this. */
const LEASE_MS = 5000
const RETRY_MS = 2000
const RECORD_INTERVAL_MS = 2000
/** The record of a system that nobody starts any more. */
const RECORD_KEPT_MS = 30 * 86_400_000
const STALE_AFTER_MS = 30_000

/**
 * Audits the log while everything runs, in one orchestrator at a time: whoever holds the lock. What it has found and where it stands is
 * written down every two seconds, so that the next one goes on from there; a record that is lost begins anew.
 */
export class IntegrityAuditor implements Component {
  readonly name = 'integrity auditor'
  readonly #deps: IntegrityAuditorDeps
  readonly #stopping = new AbortController()
  readonly #locks: Locks
  #done: Promise<void> = Promise.resolve()
  #end: () => void = () => {}
  #audit: LogAudit | undefined

  constructor(deps: IntegrityAuditorDeps) {
    this.#deps = deps
    this.#locks = new Locks({ store: deps.locks, clock: deps.clock, scope: SCOPE })
  }

  start(): void {
    const { bus, metrics } = this.#deps
    this.#end = bus.serve('getIntegrity', async () => {
      const integrity = await this.view()
      return integrity ? { integrity } : {}
    })
    metrics.onScrape(() => this.#refreshGauges())
    this.#done = this.#run()
  }

  quiesce(): void {
    this.#end()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#audit?.stop()
    await this.#done
  }

  /** As whoever audits wrote it down last; undefined: nobody has yet. @throws MurmurError UNAVAILABLE */
  async view(): Promise<IntegrityView | undefined> {
    const record = await this.#record()
    if (!record) return undefined
    const { findings, atMs, instance, open, behind } = record
    const isStale = this.#deps.clock.nowMs() - atMs > STALE_AFTER_MS
    return { ...findings, atMs, instance, open, behind, isStale }
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#deps
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        const held = await this.#locks.tryAcquire('auditor', { leaseMs: LEASE_MS })
        if (held) await this.#auditWhile(held)
      } catch (error) {
        if (!signal.aborted) log.warn({ reason: messageOf(error) }, 'the audit of the log begins again')
      }
      if (!signal.aborted) await clock.sleep(RETRY_MS, signal)
    }
  }

  async #auditWhile(held: HeldLock): Promise<void> {
    const { redis, metrics } = this.#deps
    try {
      const audit = new LogAudit(
        {
          ...this.#deps,
          isOwned: async (partition) => (await redis.get(PARTITION_KEYS.lease(partition))) !== null,
          onViolation: ({ rule }) => metrics.counter('murmur_integrity_violations_total').labels(rule).inc(),
        },
        await this.#record(),
      )
      this.#audit = audit
      if (this.#stopping.signal.aborted) return
      held.signal.addEventListener('abort', () => audit.stop(), { once: true })
      const over = new AbortController()
      const running = audit.run().finally(() => over.abort())
      const writing = this.#keepRecord(audit, held, over.signal)
      await Promise.all([running, writing]).finally(async () => {
        audit.stop()
        await Promise.allSettled([running, writing])
      })
      if (held.isHeld()) await this.#write(audit)
    } finally {
      this.#audit = undefined
      await held.release()
    }
  }

  async #keepRecord(audit: LogAudit, held: HeldLock, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && held.isHeld()) {
      await this.#write(audit)
      await this.#deps.clock.sleep(RECORD_INTERVAL_MS, signal)
    }
    audit.stop()
  }

  async #write(audit: LogAudit): Promise<void> {
    const { redis, clock, instance, log } = this.#deps
    const record: IntegrityRecord = { v: 1, atMs: clock.nowMs(), instance, ...audit.record }
    // Before the log was looked at there is nothing to say.
    if (record.log === '') return
    await redis
      .setFor(KEY, JSON.stringify(record), RECORD_KEPT_MS)
      .catch((error: unknown) =>
        log.debug({ reason: messageOf(error) }, 'the audit could not be written down'),
      )
  }

  async #record(): Promise<IntegrityRecord | undefined> {
    const json = await this.#deps.redis.get(KEY)
    return json === null ? undefined : readMessage(json, integrityRecordSchema)
  }

  /** Whoever audits tells them; of the others they are gone. */
  #refreshGauges(): void {
    const { metrics } = this.#deps
    const events = metrics.gauge('murmur_integrity_checked_events')
    const behind = metrics.gauge('murmur_integrity_behind_events')
    events.clear()
    behind.clear()
    const record = this.#audit?.record
    if (!record) return
    events.labels().set(record.findings.events)
    behind.labels().set(record.behind)
  }
}
