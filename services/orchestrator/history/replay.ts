import type { ArchivedEvent } from './event-line.ts'
import { type ComparedCommands, type ComparedEnd, refold, type TaskFoldOptions } from './task-fold.ts'

/** What the code of today makes of tasks, beside what was made of them then. */
export interface Replay {
  /** Tasks whose ends were compared. */
  compared: number
  /** Ends that are another one today, or none. */
  different: ComparedEnd[]
  /** Events of which it is known what followed from them. */
  decided: number
  /** Events from which something else follows today. */
  otherCommands: ComparedCommands[]
  /** Events that today's code can't read. */
  undecodable: number
}

/**
 * Folds tasks with the code of today and compares the hash of each state that was an end, and of what followed from each event, with the
 * ones that were written then: whether this version decides as the one did that ran. Pure.
 * @param tasks all events of each, from the first
 * @param fromSeq events before it were compared already
 */
export function replayTasks(
  tasks: Iterable<readonly ArchivedEvent[]>,
  { fromSeq = 0, ...options }: TaskFoldOptions & { fromSeq?: number },
): Replay {
  const replay = emptyReplay()
  for (const events of tasks) {
    const { ends, otherCommands, decided, undecodable } = refold(events, options)
    const compared = ends.filter(({ seq }) => seq >= fromSeq)
    const before = events.filter(({ seq, commands }) => seq < fromSeq && commands !== undefined).length
    replay.compared += compared.length
    replay.different.push(...compared.filter(({ recorded, today }) => recorded !== today))
    replay.decided += decided - before
    replay.otherCommands.push(...otherCommands.filter(({ seq }) => seq >= fromSeq))
    replay.undecodable += undecodable
  }
  return replay
}

/** Nothing is compared yet. */
export function emptyReplay(): Replay {
  return { compared: 0, different: [], decided: 0, otherCommands: [], undecodable: 0 }
}

/**
 * The tasks of one segment that are whole in it: they were accepted there. Others need what lies before. Pure.
 * @returns the events of each, and how many tasks are not whole
 */
export function wholeTasks(events: readonly ArchivedEvent[]): { whole: ArchivedEvent[][]; parts: number } {
  const tasks = Map.groupBy(
    events.filter(({ taskId }) => taskId !== undefined),
    ({ taskId }) => taskId!,
  )
  const whole = [...tasks.values()].filter(([first]) => first?.kind === 'accepted')
  return { whole, parts: tasks.size - whole.length }
}
