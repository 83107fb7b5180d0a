import { LIMITS } from '#schemas/limits.ts'
import type { LogEvent } from '#schemas/log-event.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { Command } from '#workflow/decide/commands.ts'
import { type FoldOptions, foldBatch } from '../partition/fold-batch.ts'
import { CommitRefused } from '../partition/partition-store.ts'
import { harder, type Quarantine } from '../partition/quarantine.ts'
import { encodeTask } from '../partition/stored-task.ts'
import { decodeArchived } from './archived-parts.ts'
import { commandsHash, NO_COMMANDS } from './decided-commands.ts'
import type { ArchivedEvent } from './event-line.ts'
import { stateHash } from './state-hash.ts'

/** A state is made of what its events say, some of it twice. Below this no state can be too large to be stored. Bytes. */
const SAFE_EVENT_BYTES = LIMITS.stateBytes / 8

/** A task on its way through its events. */
export interface FoldedTask {
  state: TaskState | undefined
  /** Of all its events so far. */
  bytes: number
}

export interface TaskFoldOptions {
  /** For tasks that don't say it. Milliseconds. */
  keepFinishedMs: number
  isProven?: FoldOptions['isProven']
}

/**
 * What one event makes of a task, as the owner of its partition decided it: the same fold, and the same end for what can't be stored.
 * Pure.
 * @returns `unproven`: the result counted for nothing
 */
export function foldEvent(
  { state, bytes }: FoldedTask,
  event: LogEvent,
  options: TaskFoldOptions,
): FoldedTask & { unproven: boolean; commands: Command[] } {
  const total = bytes + (event.bytes ?? 0)
  const quarantined = new Map<string, Quarantine>()
  let unproven = false
  const isProven: FoldOptions['isProven'] =
    options.isProven &&
    ((result, of) => {
      unproven = options.isProven?.(result, of) === false
      return !unproven
    })
  for (;;) {
    const { held, writes, work } = foldBatch([event], () => state && { state, storedDueMs: undefined }, {
      keepFinishedMs: options.keepFinishedMs,
      quarantined,
      isProven,
    })
    try {
      if (total > SAFE_EVENT_BYTES) for (const write of writes) encodeTask(write)
    } catch (error) {
      if (!(error instanceof CommitRefused)) throw error
      const { taskId } = event.body
      const next = harder(quarantined.get(taskId), error.message)
      if (!next) throw error
      quarantined.set(taskId, next)
      continue
    }
    const commands = work.flatMap((one) => one.commands)
    return { state: held.get(event.body.taskId)?.state ?? state, bytes: total, unproven, commands }
  }
}

/** The end of a task as it was then, and as it is today. */
export interface ComparedEnd {
  taskId: string
  seq: number
  /** The hash of then; undefined: it had not ended there. */
  recorded: string | undefined
  /** Of today; undefined: it does not end there any more. */
  today: string | undefined
}

/** What follows from an event today, when that is something else than followed then. */
export interface ComparedCommands {
  taskId: string
  seq: number
  today: readonly Command[]
}

export interface Refolded {
  state: TaskState | undefined
  ends: ComparedEnd[]
  /** Events of which it is known what followed from them then. */
  decided: number
  otherCommands: ComparedCommands[]
  /** Events that are none, for the code of today. */
  undecodable: number
}

/** Folds the events of one task with the code of today, and compares its ends and what followed from its events with those of then. Pure. */
export function refold(events: readonly ArchivedEvent[], { keepFinishedMs }: TaskFoldOptions): Refolded {
  let task: FoldedTask = { state: undefined, bytes: 0 }
  const ends: ComparedEnd[] = []
  const otherCommands: ComparedCommands[] = []
  let [decided, undecodable, isSealed] = [0, 0, false]
  for (const archived of events) {
    const decoded = decodeArchived(archived)
    if (!('event' in decoded)) {
      undecodable++
      continue
    }
    const before = task.state
    isSealed ||= archived.stored !== undefined
    const { commands, ...after } = foldEvent(task, decoded.event, {
      keepFinishedMs,
      isProven: () => archived.unproven !== true,
    })
    task = after
    if (archived.commands !== undefined) {
      decided++
      const { taskId } = decoded.event.body
      if (decidedHash(task.state, commands, isSealed) !== archived.commands)
        otherCommands.push({ taskId, seq: archived.seq, today: commands })
    }
    const ended = task.state !== undefined && task.state !== before && isTerminal(task.state.status)
    if (!ended && archived.ends === undefined) continue
    const today = ended ? stateHash(task.state!) : undefined
    ends.push({ taskId: decoded.event.body.taskId, seq: archived.seq, recorded: archived.stateHash, today })
  }
  return { state: task.state, ends, decided, otherCommands, undecodable }
}

/** What is written of the commands of an event. Pure. */
export function decidedHash(
  state: TaskState | undefined,
  commands: readonly Command[],
  isSealed: boolean,
): string {
  return state ? commandsHash(state, commands, !isSealed) : NO_COMMANDS
}
