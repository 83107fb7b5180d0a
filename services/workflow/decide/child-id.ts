import { createHash } from 'node:crypto'

/** The id of the child that one attempt of a run is: the same whenever it is asked for. 22 characters of a SHA-256 behind a letter. Pure. */
export function childIdOf(taskId: string, runId: string, attempt: number): string {
  const hash = createHash('sha256').update(`child\0${taskId}\0${runId}\0${attempt}`)
  return `t${hash.digest('base64url').slice(0, 22)}`
}
