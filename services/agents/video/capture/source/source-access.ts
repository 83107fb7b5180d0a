import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { UserCredentials } from '#platform/http/challenge-answer.ts'
import type { ResolveAll } from '#platform/http/guarded-connector.ts'
import { openSealedUser, openSealedValues } from '#platform/secrets/source-sealing.ts'
import { CAMERA_SECRET_PATTERN, parseSourceAddress, type SourceUser } from '#schemas/video-address.ts'
import type { VideoConfig } from '../video-config.ts'
import { hostOf, portOf, type SourcePolicy, sourcePolicy } from './source-policy.ts'

/** What a tenant may reach, and as whom. */
export interface SourceAccess {
  policy: SourcePolicy
  /**
   * An address of a source without its user, and who that is.
   * @throws MurmurError INVALID_STEP_INPUT, ADDRESS_FORBIDDEN, SECRET_NOT_GRANTED, CREDENTIALS_INLINE, UNAVAILABLE
   */
  resolve(text: string): Promise<{ url: string; credentials?: UserCredentials | undefined }>
}

/** The file of MURMUR_CAMERA_SECRETS: secrets by name, each for some tenants and some hosts. */
const cameraSecretsSchema = z.record(
  z.string().regex(CAMERA_SECRET_PATTERN),
  z.strictObject({
    user: z.string().max(256),
    password: z.string().max(1024),
    /** `*` for all of them. */
    tenants: z.array(z.string().min(1).max(64)).min(1),
    /** `host`, for its usual ports, or `host:port`. */
    hosts: z.array(z.string().min(1).max(300)).min(1),
  }),
)
const MAX_FILE_BYTES = 1024 * 1024

export function sourceAccess(config: VideoConfig, tenant: string, resolveName?: ResolveAll): SourceAccess {
  const policy = sourcePolicy(config, tenant, resolveName)

  async function credentialsOf(user: SourceUser, url: string): Promise<UserCredentials> {
    if (user.kind === 'sealed') return openSealedUser(config.sealer, user.text, { tenant, url })
    if (user.kind === 'secret') return cameraSecret(config.secrets, user.name, { tenant, url: new URL(url) })
    throw new MurmurError(
      'CREDENTIALS_INLINE',
      'a user and a password came unsealed: they would be kept as they are',
    )
  }

  return {
    policy,
    async resolve(text) {
      const address = parseSourceAddress(text)
      if ('fault' in address)
        throw new MurmurError('INVALID_STEP_INPUT', `the address of the source ${address.fault}`)
      policy.assertUrl(new URL(address.url))
      const url = openSealedValues(config.sealer, address.url, { tenant })
      if (!address.user) return { url }
      return { url, credentials: await credentialsOf(address.user, address.url) }
    },
  }
}

async function cameraSecret(
  file: string | undefined,
  name: string,
  { tenant, url }: { tenant: string; url: URL },
): Promise<UserCredentials> {
  const found = file === undefined ? undefined : (await readSecrets(file))[name]
  const host = hostOf(url)
  const places = new Set([`${host}:${portOf(url)}`, ...(url.port === '' ? [host] : [])])
  const isGranted =
    found?.tenants.some((each) => each === '*' || each === tenant) === true &&
    found.hosts.some((each) => places.has(each.toLowerCase()))
  // Whether there is such a secret at all is nobody's business who may not use it.
  if (!found || !isGranted)
    throw new MurmurError(
      'SECRET_NOT_GRANTED',
      `the secret {${name}} is not granted to this tenant for ${url.host}`,
    )
  return { user: found.user, password: found.password }
}

async function readSecrets(file: string): Promise<z.infer<typeof cameraSecretsSchema>> {
  try {
    const text = await readFile(file, 'utf8')
    if (text.length > MAX_FILE_BYTES) throw new TypeError('the file is too large')
    return cameraSecretsSchema.parse(JSON.parse(text))
  } catch {
    // Never what stands there.
    throw new MurmurError(
      'UNAVAILABLE',
      'the file of secrets of cameras (MURMUR_CAMERA_SECRETS) can not be read',
    )
  }
}
