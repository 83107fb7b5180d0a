import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HttpConfig } from '#platform/config/http.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { isSecretGranted, type SecretUse } from '#platform/secrets/secret-grants.ts'

/** Where the values of secrets come from. */
export interface SecretSource {
  /**
   * The value of a secret for one request.
   * @throws MurmurError SECRET_NOT_GRANTED (not for this tenant and request), UNAVAILABLE (no usable value)
   */
  read(use: SecretUse): Promise<string>
  /** Whether it may go with this request, too: where a redirect leads to. */
  allows(use: SecretUse): boolean
}

/** Shorter ones could not be taken out of an answer without shredding it. */
const MIN_CHARACTERS = 8
const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]{8,8192}$/

/**
 * Secrets of a folder, read at each use, or else of the environment. A task may name any secret but only send it where
 * the operator said: otherwise whoever can submit a task could have every secret delivered to a server of his own.
 */
export function createSecretSource(config: HttpConfig['secrets']): SecretSource {
  const allows = (use: SecretUse) => isSecretGranted(config.grants, use)

  async function read(use: SecretUse): Promise<string> {
    const { name, method, url } = use
    if (!allows(use)) {
      // Whether there is such a secret at all is nobody's business who may not use it.
      const where = `${method} ${url.origin}${url.pathname.slice(0, 200)}`
      throw new MurmurError(
        'SECRET_NOT_GRANTED',
        `the secret ${name} may not be sent for this tenant with ${where}`,
      )
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

  return { read, allows }
}

async function readSecretFile(folder: string, name: string): Promise<string | undefined> {
  try {
    return (await readFile(join(folder, name), 'utf8')).trim()
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new MurmurError('UNAVAILABLE', `the secret ${name} can't be read`, { cause })
  }
}
