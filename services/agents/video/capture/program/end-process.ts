import type { ChildProcess } from 'node:child_process'
import { CAPTURE_LIMITS } from '../limits.ts'

/** Asks a program to end and kills it when it does not; resolves when it is gone and its pipes are closed. Never rejects. */
export function endProcess(child: ChildProcess, closed: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), CAPTURE_LIMITS.endGraceMs)
  return closed.then(
    () => clearTimeout(timer),
    () => clearTimeout(timer),
  )
}
