import type { ArchivedEvent } from './event-line.ts'
import { type ComparedEnd, refold, type TaskFoldOptions } from './task-fold.ts'

/** What the code of today makes of tasks, beside what was made of them then. */
export interface Replay {
  /** Tasks whose ends were compared. */
  compared: number
  /** Ends that are another one today, or none. */
  different: ComparedEnd[]
  /** Events that today's code can't read. */
  undecodable: number
}

/**
 * Folds tasks with the code of today and compares the hash of each state that was an end with the one that was written then: whether this
 * version decides as the one did that ran. Pure.
 * @param tasks all events of each, from the first
 */
export function replayTasks(tasks: Iterable<readonly ArchivedEvent[]>, options: TaskFoldOptions): Replay {
  const replay: Replay = { compared: 0, different: [], undecodable: 0 }
  for (const events of tasks) {
    const { ends, undecodable } = refold(events, options)
    replay.compared += ends.length
    replay.different.push(...ends.filter(({ recorded, today }) => recorded !== today))
    replay.undecodable += undecodable
  }
  return replay
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
