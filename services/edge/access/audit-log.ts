import { createWriteStream, type WriteStream } from 'node:fs'
import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Caller, Entry } from './access.ts'

/** Who did what, from where, on what, and how it ended: one JSON line each, in the service's log or a file of its own. */
export class AuditLog implements Component {
  readonly name = 'audit log'
  readonly #deps: { log: Log; clock: Pick<Clock, 'nowMs'>; file: string | undefined }
  #file: WriteStream | undefined

  constructor(deps: { log: Log; clock: Pick<Clock, 'nowMs'>; file: string | undefined }) {
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

  write(
    { operation, transport, address, requestId }: Entry,
    { tenant, subject }: Caller,
    outcome: { target?: string; code?: string },
  ): void {
    const line = { tenant, subject, operation, transport, address, requestId, ...outcome }
    if (this.#file)
      this.#file.write(
        `${JSON.stringify({ at: new Date(this.#deps.clock.nowMs()).toISOString(), ...line })}\n`,
      )
    else this.#deps.log.info({ audit: line }, 'audit')
  }
}
