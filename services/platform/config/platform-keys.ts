import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { MurmurError, messageOf } from '../errors/murmur-error.ts'
import type { Log } from '../telemetry/logger.ts'
import { type ConfigTable, type Environment, readConfig } from './read-config.ts'

export const PLATFORM_KEY_VARIABLES = {
  file: {
    name: 'MURMUR_PLATFORM_KEYS',
    meaning:
      'File with the keys that orchestrators and edges seal records with, one a line: since when it is used (RFC 3339), a space, and 32 characters or more made by chance. The first one seals, all of them are taken. What was stored before the earliest time needs no seal. Only for orchestrators and edges.',
    unit: 'path',
    defaultNote: 'none: nothing is sealed',
    schema: z.string().min(1),
  },
} as const satisfies ConfigTable

/** `2026-11-29T13:00:00Z q3Jk…` */
const LINE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) (\S{32,512})$/
const SEAL_OF_JSON = /^,"seal":"([\w-]{43})"\}$/
/** So long is what a sealed record ends with: only that is looked at, however long the record is. */
const SEAL_LENGTH = ',"seal":""}'.length + 43
const decoder = new TextDecoder()

const BLOCK_BYTES = 64
const DIGEST_BYTES = 32

/** Keys that only processes of the platform have: what carries a seal by one of them was written by one of those. */
export class PlatformKeys {
  /** What was stored earlier needs no seal. Unix milliseconds. */
  readonly sinceMs: number
  readonly #secrets: readonly string[]
  /** Derived once for each purpose, so that a seal for one is none for another. */
  readonly #derived = new Map<string, Mac[]>()

  /** @param secrets the first one seals */
  constructor(secrets: readonly string[], sinceMs: number) {
    this.#secrets = secrets
    this.sinceMs = sinceMs
  }

  /** @throws MurmurError CONFIG_INVALID */
  static parse(text: string, where: string): PlatformKeys {
    const lines = text.split('\n').map((line) => line.trim())
    const keys = lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => LINE.exec(line))
    if (keys.length === 0 || keys.includes(null))
      throw new MurmurError(
        'CONFIG_INVALID',
        `${where} must have a key a line: a time as 2026-11-29T13:00:00Z, a space, and 32 characters or more without spaces`,
      )
    const times = keys.map((key) => Date.parse(key![1]!))
    return new PlatformKeys(
      keys.map((key) => key![2]!),
      Math.min(...times),
    )
  }

  /** @param parts none of them may hold a line feed */
  seal(purpose: string, parts: readonly (string | number)[]): string {
    return this.#keysOf(purpose)[0]!.of(parts.join('\n'))
  }

  isSealed(purpose: string, parts: readonly (string | number)[], seal: string | undefined): boolean {
    if (seal === undefined) return false
    const given = Buffer.from(seal)
    const text = parts.join('\n')
    return this.#keysOf(purpose).some((key) => {
      const right = Buffer.from(key.of(text))
      return given.length === right.length && timingSafeEqual(given, right)
    })
  }

  /** The text of a JSON object with its seal as the last field. @param subject where it is stored: elsewhere the seal is none */
  sealJson(purpose: string, subject: string, json: string): string {
    return `${json.slice(0, -1)},"seal":"${this.seal(purpose, [subject, json])}"}`
  }

  /** Whether a stored JSON object was written by the platform, or before seals were asked for. */
  isGenuine(purpose: string, record: { subject: string; data: Uint8Array; storedAtMs: number }): boolean {
    const text = decoder.decode(record.data)
    const seal = SEAL_OF_JSON.exec(text.slice(-SEAL_LENGTH))?.[1]
    if (seal === undefined) return record.storedAtMs < this.sinceMs
    return this.isSealed(purpose, [record.subject, `${text.slice(0, -SEAL_LENGTH)}}`], seal)
  }

  #keysOf(purpose: string): Mac[] {
    let keys = this.#derived.get(purpose)
    if (!keys) {
      keys = this.#secrets.map(
        (secret) => new Mac(createHmac('sha256', secret).update(purpose).digest('base64url')),
      )
      this.#derived.set(purpose, keys)
    }
    return keys
  }
}

/**
 * The keys of this process; undefined where none are set.
 * @throws MurmurError CONFIG_INVALID
 */
export function loadPlatformKeys(env: Environment = process.env): PlatformKeys | undefined {
  const { file } = readConfig(PLATFORM_KEY_VARIABLES, env)
  if (file === undefined) return undefined
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new MurmurError('CONFIG_INVALID', `${PLATFORM_KEY_VARIABLES.file.name}: ${messageOf(cause)}`, {
      cause,
    })
  }
  return PlatformKeys.parse(text, `${PLATFORM_KEY_VARIABLES.file.name} (${file})`)
}

/** For who starts a system without keys. */
export function warnOfNoKeys(log: Log): void {
  log.warn(
    { setting: PLATFORM_KEY_VARIABLES.file.name },
    'no keys of the platform are set: records are not sealed, and whoever gets to write into a stream of the platform is believed',
  )
}

/**
 * HMAC-SHA-256 with one key, for thousands of short texts a second: what node:crypto has for it makes objects for each, and so does a
 * digest as a buffer, which alone takes as long as the hash.
 */
class Mac {
  readonly #inner: string
  readonly #outer: Buffer

  /** @param key ASCII, at most 64 characters: then the block before the text is text too */
  constructor(key: string) {
    const block = Buffer.alloc(BLOCK_BYTES)
    block.write(key, 'latin1')
    this.#inner = Buffer.from(block.map((byte) => byte ^ 0x36)).toString('latin1')
    this.#outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES)
    this.#outer.set(block.map((byte) => byte ^ 0x5c))
  }

  /** base64url, 43 characters. */
  of(text: string): string {
    this.#outer.write(hash('sha256', this.#inner + text, 'binary'), BLOCK_BYTES, 'latin1')
    return hash('sha256', this.#outer, 'base64url')
  }
}
