import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import { MurmurError, messageOf } from '../errors/murmur-error.ts'
import type { Component } from '../lifecycle/lifecycle.ts'
import { createPayloadCodec, type PayloadCodec, parsePayloadKeys } from '../secrets/payload-codec.ts'
import type { Log } from '../telemetry/logger.ts'
import { type ConfigTable, type Environment, readConfig } from './read-config.ts'

export const PAYLOAD_KEY_VARIABLES = {
  file: {
    name: 'MURMUR_PAYLOAD_KEYS',
    meaning:
      'File with the keys that payloads are encrypted with before they are stored, one a line: an id, a tenant or `*` for all, and 32 bytes as base64. Of those that fit a tenant the first one encrypts, all of them open. For orchestrators and edges, and for agents those of the tenants that they work for. Read again within 5 s when it changes (docs/security.md).',
    unit: 'path',
    defaultNote: 'none: payloads are stored as they are',
    schema: z.string().min(1),
  },
} as const satisfies ConfigTable

const LOOK_INTERVAL_MS = 5000
const MAX_FILE_BYTES = 4 * 1024 * 1024

/** Payload keys as their file has them now: it is looked at every 5 s, and one that can't be taken leaves what was. */
export class PayloadKeyFile implements Component, PayloadCodec {
  readonly name = 'payload keys'
  readonly #file: string
  readonly #log: Pick<Log, 'info' | 'error'>
  readonly #listeners = new Set<() => void>()
  #codec: PayloadCodec
  #changedAtMs: number
  #timer: NodeJS.Timeout | undefined

  /** @throws MurmurError CONFIG_INVALID for a file that can't be read or says what can't be */
  constructor(file: string, log: Pick<Log, 'info' | 'error'>) {
    this.#file = file
    this.#log = log
    this.#changedAtMs = changedAtMs(file)
    this.#codec = readKeys(file)
  }

  start(): void {
    this.#timer = setInterval(() => this.refresh(), LOOK_INTERVAL_MS)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Told after the keys have changed. @returns a function that ends it */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Reads the file again when it has changed. */
  refresh(): void {
    try {
      const atMs = changedAtMs(this.#file)
      if (atMs === this.#changedAtMs) return
      this.#codec = readKeys(this.#file)
      this.#changedAtMs = atMs
    } catch (error) {
      this.#log.error(
        { file: this.#file, reason: messageOf(error) },
        'payload keys can not be read: those from before hold',
      )
      return
    }
    this.#log.info({ file: this.#file }, 'payload keys were read again')
    for (const listener of this.#listeners) listener()
  }

  seal(...about: Parameters<PayloadCodec['seal']>): string {
    return this.#codec.seal(...about)
  }

  open(...about: Parameters<PayloadCodec['open']>): Buffer {
    return this.#codec.open(...about)
  }

  sealBytes(...about: Parameters<PayloadCodec['sealBytes']>): ReturnType<PayloadCodec['sealBytes']> {
    return this.#codec.sealBytes(...about)
  }

  openBytes(...about: Parameters<PayloadCodec['openBytes']>): Buffer {
    return this.#codec.openBytes(...about)
  }

  digest(...about: Parameters<PayloadCodec['digest']>): string {
    return this.#codec.digest(...about)
  }
}

/** The keys of this process; undefined where none are set. @throws MurmurError CONFIG_INVALID */
export function loadPayloadKeys(
  log: Pick<Log, 'info' | 'error'>,
  env: Environment = process.env,
): PayloadKeyFile | undefined {
  const { file } = readConfig(PAYLOAD_KEY_VARIABLES, env)
  return file === undefined ? undefined : new PayloadKeyFile(file, log)
}

/** Of the file that a link names, too: secrets that are mounted change by their link. */
function changedAtMs(file: string): number {
  try {
    return statSync(file).mtimeMs
  } catch (cause) {
    throw unusable(messageOf(cause), cause)
  }
}

function readKeys(file: string): PayloadCodec {
  if (statSync(file).size > MAX_FILE_BYTES) throw unusable(`${file} has more than ${MAX_FILE_BYTES} bytes`)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw unusable(messageOf(cause), cause)
  }
  return createPayloadCodec(parsePayloadKeys(text, `${PAYLOAD_KEY_VARIABLES.file.name} (${file})`))
}

function unusable(why: string, cause?: unknown): MurmurError {
  return new MurmurError('CONFIG_INVALID', `${PAYLOAD_KEY_VARIABLES.file.name}: ${why}`, { cause })
}
