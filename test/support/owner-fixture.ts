import type { Test } from 'tap'
import type { LogKind } from '#schemas/log-event.ts'
import type { StepMessage } from '#schemas/step-message.ts'
import { buildStepMessage } from '#workflow/decide/build-step-message.ts'
import type { Emitter } from '../../services/orchestrator/partition/emitter.ts'
import type { TaskCommands } from '../../services/orchestrator/partition/fold-batch.ts'
import type { PartitionObserver } from '../../services/orchestrator/partition/partition-observer.ts'
import { PartitionOwner } from '../../services/orchestrator/partition/partition-owner.ts'
import type { PartitionStore } from '../../services/orchestrator/partition/partition-store.ts'
import { type Clock, systemClock } from '../../services/platform/clock/clock.ts'
import type { Bus } from '../../services/platform/nats/bus.ts'
import type { Log } from '../../services/platform/telemetry/logger.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'

/** Keeps what it is told to send. `failNext` makes the next emissions fail. */
export class RecordingEmitter implements Emitter {
  readonly dispatched: StepMessage[] = []
  readonly announced: string[] = []
  readonly buried: string[] = []
  /** Tasks that told their parents of their ends. */
  readonly reported: string[] = []
  emissions = 0
  failNext = 0

  async emit(work: readonly TaskCommands[]): Promise<void> {
    this.emissions++
    if (this.failNext > 0) {
      this.failNext--
      throw new Error('the object store does not answer')
    }
    for (const { state, commands } of work) {
      for (const command of commands) {
        if (command.kind === 'AnnounceEvent') this.announced.push(`${state.id}:${command.event.kind}`)
        if (command.kind === 'BuryStep') this.buried.push(`${state.id}:${command.stepId}:${command.attempt}`)
        if (command.kind === 'ReportToParent') this.reported.push(state.id)
        if (command.kind !== 'DispatchStep') continue
        const message = buildStepMessage(state, command.stepId, command.attempt, () => 'reply')
        if (message) this.dispatched.push(message)
      }
    }
  }

  get attempts(): string[] {
    return this.dispatched.map(({ taskId, stepId, attempt }) => `${taskId}:${stepId}:${attempt}`)
  }
}

const nothing = () => undefined
export const quietLog = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => quietLog,
} as unknown as Log

export const quietObserver: PartitionObserver = {
  onBatch: nothing,
  onConflict: nothing,
  onLate: nothing,
  onUndecodable: nothing,
  onDispatch: nothing,
  onBuried: nothing,
  onResult: nothing,
  onAnnounced: nothing,
  onReaderRestart: nothing,
  onRebuild: nothing,
  onLost: nothing,
  onQuarantine: nothing,
  onUnreadable: nothing,
  onLater: nothing,
}

/** What an owner told about itself. */
export interface Seen {
  conflicts: number
  lost: number
  late: string[]
  faults: string[]
  restarts: string[]
  rebuilds: string[]
  quarantined: string[]
  unreadable: string[]
  later: string[]
}

/** An owner of one partition on a real log, with everything else in the hands of the test. */
export function startOwner(
  t: Pick<Test, 'teardown'>,
  about: {
    bus: Bus
    store: PartitionStore
    emitter: Emitter
    partition: number
    cachedTasks?: number
    keepFinishedMs?: number
    clock?: Clock
  },
): { owner: PartitionOwner; seen: Seen } {
  const seen: Seen = {
    conflicts: 0,
    lost: 0,
    late: [],
    faults: [],
    restarts: [],
    rebuilds: [],
    quarantined: [],
    unreadable: [],
    later: [],
  }
  const observer: PartitionObserver = {
    ...quietObserver,
    onConflict: () => void seen.conflicts++,
    onReaderRestart: (_partition, why) => void seen.restarts.push(why),
    onRebuild: (_partition, reason) => void seen.rebuilds.push(reason),
    onLost: (_partition, count) => {
      seen.lost += count
    },
    onQuarantine: (taskId, why) => void seen.quarantined.push(`${taskId}: ${why}`),
    onUnreadable: (taskId, _why, remade) =>
      void seen.unreadable.push(`${taskId} ${remade ? 'remade' : 'not remade'}`),
    onLater: (_partition, { message }) => void seen.later.push(message),
    onLate: (reason) => void seen.late.push(reason),
    onUndecodable: (fault) => void seen.faults.push(fault),
  }
  const { cachedTasks = 100, keepFinishedMs = 60_000, clock = systemClock, ...deps } = about
  const options = { keepFinishedMs, cachedTasks }
  const owner = new PartitionOwner({ ...deps, observer, clock, log: quietLog, options })
  owner.start()
  t.teardown(() => owner.stop())
  return { owner, seen }
}

let published = 0

/** Writes an event into the log, under an id that nobody else has. */
export function writeLog(
  bus: Bus,
  partition: number,
  kind: LogKind,
  body: object | string,
): Promise<unknown> {
  const data = typeof body === 'string' ? body : JSON.stringify(body)
  return bus.publisher.publish(SUBJECTS.log(partition, kind), data, { msgId: `written-${++published}` })
}
