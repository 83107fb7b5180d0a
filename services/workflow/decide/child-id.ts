import { hash } from 'node:crypto'

/** The id of the child that one attempt of a run is: the same whenever it is asked for. 22 characters of a SHA-256 behind a letter. Pure. */
export function childIdOf(taskId: string, runId: string, attempt: number): string {
  return `t${hash('sha256', `child\0${taskId}\0${runId}\0${attempt}`, 'base64url').slice(0, 22)}`
}
