import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HttpConfig } from '#platform/config/http.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'

/** Where the values of secrets come from. */
export interface SecretSource {
  /**
   * The value of a secret for one origin.
   * @throws MurmurError ADDRESS_FORBIDDEN (not granted to that origin), UNAVAILABLE (no usable value)
   */
  read(name: string, origin: string): Promise<string>
}

/** Shorter ones could not be taken out of an answer without shredding it. */
const MIN_CHARACTERS = 8
const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]{8,8192}$/

/**
 * Secrets of a folder, read at each use, or else of the environment. A task may name any secret but only send it where
 * the operator said: otherwise whoever can submit a task could have every secret delivered to a server of his own.
 */
export function createSecretSource(config: HttpConfig['secrets']): SecretSource {
  const granted = new Set(config.grants.map(({ name, origin }) => `${name}@${origin}`))

  async function read(name: string, origin: string): Promise<string> {
    if (!granted.has(`${name}@${origin}`)) {
      throw new MurmurError('ADDRESS_FORBIDDEN', `the secret ${name} may not be sent to ${origin}`)
    }
    const value = (config.folder && (await readSecretFile(config.folder, name))) || config.values.get(name)
    if (value === undefined) throw new MurmurError('UNAVAILABLE', `the secret ${name} has no value`)
    if (!HEADER_TEXT.test(value)) {
      throw new MurmurError(
        'UNAVAILABLE',
        `the secret ${name} must be one line of at least ${MIN_CHARACTERS} characters to be sent in a header`,
      )
    }
    return value
  }

  return { read }
}

async function readSecretFile(folder: string, name: string): Promise<string | undefined> {
  try {
    return (await readFile(join(folder, name), 'utf8')).trim()
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new MurmurError('UNAVAILABLE', `the secret ${name} can't be read`, { cause })
  }
}
