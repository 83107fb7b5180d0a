import { hash } from 'node:crypto'
import { inRange, rangeOf } from '#subjects/task-partition.ts'

/**
 * The id of the child that one attempt of a run is: the same whenever it is asked for. 22 characters of a SHA-256 behind a letter, in the
 * epoch of its parent. Pure.
 */
export function childIdOf(taskId: string, runId: string, attempt: number): string {
  const name = hash('sha256', `child\0${taskId}\0${runId}\0${attempt}`, 'base64url').slice(0, 22)
  return inRange(`t${name}`, rangeOf(taskId))
}
