import type { ChildProcess } from 'node:child_process'

/** The first message of a service: it is ready. @throws Error when it ends before that */
export function ready<Message = unknown>(child: ChildProcess, name = 'a service'): Promise<Message> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Message))
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it was ready`)))
  })
}

/** Asks a service to end, and resolves when it has. */
export function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
