import { createWriteStream, type WriteStream } from 'node:fs'
import type { Clock } from '../clock/clock.ts'
import { messageOf } from '../errors/murmur-error.ts'
import type { Component } from '../lifecycle/lifecycle.ts'
import type { Log } from './logger.ts'

/** Who did what, from where, on what, and how it ended. Never a credential. */
export interface AuditLine {
  readonly operation: string
  readonly transport: 'rest' | 'grpc' | 'nats'
  /** `key:<id>`, `jwt:<sub>`, `cert:<name>`, `nats:<user>`, `anonymous`; `unknown` where no credential held. */
  readonly subject: string
  readonly tenant?: string | undefined
  readonly address?: string | undefined
  /** Who sat there, as a client over NATS says. */
  readonly by?: string | undefined
  readonly requestId?: string | undefined
  readonly target?: string | undefined
  /** OK, or what it was refused for. */
  readonly code?: string | undefined
  /** In words, where the code does not say it. */
  readonly why?: string
  /** Refusals before this one that were not written. */
  readonly leftOut?: number
}

export interface AuditSinkDeps {
  log: Log
  clock: Pick<Clock, 'nowMs'>
  /** Undefined: the service's log. */
  file: string | undefined
}

/** Where audit lines go: one of JSON each, into the service's log under `audit`, or into a file that only its user may read. */
export class AuditSink implements Component {
  readonly name = 'audit log'
  readonly #deps: AuditSinkDeps
  #file: WriteStream | undefined

  constructor(deps: AuditSinkDeps) {
    this.#deps = deps
  }

  /** @throws Error when the file can't be written */
  async start(): Promise<void> {
    const { file, log } = this.#deps
    if (file === undefined) return
    const stream = createWriteStream(file, { flags: 'a', mode: 0o600 })
    await new Promise<void>((resolve, reject) => {
      stream.once('open', () => resolve())
      stream.once('error', reject)
    })
    stream.on('error', (error) =>
      log.error({ reason: messageOf(error), file }, 'the audit log can not be written'),
    )
    this.#file = stream
  }

  async stop(): Promise<void> {
    const file = this.#file
    if (file) await new Promise<void>((resolve) => file.end(resolve))
  }

  write(line: AuditLine): void {
    const { clock, log } = this.#deps
    if (this.#file)
      this.#file.write(`${JSON.stringify({ at: new Date(clock.nowMs()).toISOString(), ...line })}\n`)
    else log.info({ audit: line }, 'audit')
  }
}
