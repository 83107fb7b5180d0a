import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { MurmurError, messageOf } from '../errors/murmur-error.ts'
import { type ConfigTable, type Environment, readConfig } from './read-config.ts'

/** How NATS and Redis are reached, beside where they are: who we are, and whom we trust. */
export const CONNECTION_VARIABLES = {
  natsCredentials: {
    name: 'MURMUR_NATS_CREDENTIALS',
    meaning:
      'File with what this process says who it is to NATS: a .creds file, or user and password on a line each. Instead of credentials in MURMUR_NATS_URL. Read again before each connection.',
    unit: 'path',
    defaultNote: 'none: what stands in the URL',
    schema: file(),
  },
  natsInbox: {
    name: 'MURMUR_NATS_INBOX',
    meaning:
      'What subjects of answers begin with; the user of NATS has to be allowed to subscribe below it. Starts with _INBOX.',
    defaultNote: '_INBOX_OF.<user>, or _INBOX without a user',
    schema: z.string().regex(/^_INBOX[A-Za-z0-9_-]{0,32}(\.[A-Za-z0-9_-]{1,64}){0,7}$/, {
      error: 'must be a subject that starts with _INBOX, without wildcards',
    }),
  },
  natsTlsCa: {
    name: 'MURMUR_NATS_TLS_CA',
    meaning: 'Certificates (PEM) that the certificate of NATS has to be signed by. Setting it asks for TLS.',
    unit: 'path',
    defaultNote: 'none: TLS only when the server or a tls:// URL asks for it, with the public authorities',
    schema: file(),
  },
  natsTlsCert: {
    name: 'MURMUR_NATS_TLS_CERT',
    meaning: 'Certificate (PEM) that this process shows to NATS.',
    unit: 'path',
    defaultNote: 'none',
    schema: file(),
  },
  natsTlsKey: {
    name: 'MURMUR_NATS_TLS_KEY',
    meaning: 'Private key (PEM) of the same.',
    unit: 'path',
    defaultNote: 'none',
    schema: file(),
  },
  redisCredentials: {
    name: 'MURMUR_REDIS_CREDENTIALS',
    meaning:
      'File with what this process says who it is to Redis: user and password on a line each. Instead of credentials in MURMUR_REDIS_URL. Read again before each connection.',
    unit: 'path',
    defaultNote: 'none: what stands in the URL',
    schema: file(),
  },
  sentinelCredentials: {
    name: 'MURMUR_REDIS_SENTINEL_CREDENTIALS',
    meaning:
      'File with what this process says who it is to the sentinels of Redis: user (`default` where they only have a password) and password on a line each. Read again before each connection.',
    unit: 'path',
    defaultNote: 'none: sentinels are asked without',
    schema: file(),
  },
  redisTlsCa: {
    name: 'MURMUR_REDIS_TLS_CA',
    meaning:
      'Certificates (PEM) that the certificate of Redis has to be signed by; for rediss URLs, sentinels too.',
    unit: 'path',
    defaultNote: 'none: the public authorities',
    schema: file(),
  },
  redisTlsCert: {
    name: 'MURMUR_REDIS_TLS_CERT',
    meaning: 'Certificate (PEM) that this process shows to Redis.',
    unit: 'path',
    defaultNote: 'none',
    schema: file(),
  },
  redisTlsKey: {
    name: 'MURMUR_REDIS_TLS_KEY',
    meaning: 'Private key (PEM) of the same.',
    unit: 'path',
    defaultNote: 'none',
    schema: file(),
  },
} as const satisfies ConfigTable

/** Contents of PEM files. */
export interface TlsFiles {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export interface UserPassword {
  readonly user: string
  readonly password: string
}

/** Where they come from: read again before each connection, so that a process goes on with a new password without a restart. */
interface FromFile {
  readonly path: string
}

export type NatsCredentials =
  | ({ readonly kind: 'password' } & UserPassword & FromFile)
  | ({ readonly kind: 'creds'; readonly file: Uint8Array } & FromFile)

export interface NatsSecurity {
  readonly credentials?: NatsCredentials
  readonly inboxPrefix?: string
  /** Present: TLS is asked for. */
  readonly tls?: TlsFiles
}

/**
 * Who this process is to NATS, and whom it trusts, from the environment.
 * @throws MurmurError CONFIG_INVALID
 */
export function loadNatsSecurity(env: Environment = process.env): NatsSecurity {
  const config = readConfig(CONNECTION_VARIABLES, env)
  const tls = tlsFiles('NATS', config.natsTlsCa, config.natsTlsCert, config.natsTlsKey)
  return {
    ...(config.natsCredentials !== undefined && { credentials: readCredentials(config.natsCredentials) }),
    ...(config.natsInbox !== undefined && { inboxPrefix: config.natsInbox }),
    ...(tls && { tls }),
  }
}

/** Whom this process trusts to be Redis, and what it shows, from the environment. @throws MurmurError CONFIG_INVALID */
export function loadRedisTls(env: Environment = process.env): TlsFiles | undefined {
  const config = readConfig(CONNECTION_VARIABLES, env)
  return tlsFiles('REDIS', config.redisTlsCa, config.redisTlsCert, config.redisTlsKey)
}

/** Who this process is to Redis, from the environment; undefined: what its URL says. @throws MurmurError CONFIG_INVALID */
export function loadRedisCredentials(env: Environment = process.env): (UserPassword & FromFile) | undefined {
  return passwordFile('redisCredentials', env)
}

/** The same for its sentinels; undefined: they are asked without. @throws MurmurError CONFIG_INVALID */
export function loadSentinelCredentials(
  env: Environment = process.env,
): (UserPassword & FromFile) | undefined {
  return passwordFile('sentinelCredentials', env)
}

function passwordFile(
  variable: 'redisCredentials' | 'sentinelCredentials',
  env: Environment,
): (UserPassword & FromFile) | undefined {
  const path = readConfig(CONNECTION_VARIABLES, env)[variable]
  if (path === undefined) return undefined
  const found = userPassword(read(path))
  if (found) return { ...found, path }
  throw new MurmurError(
    'CONFIG_INVALID',
    `${CONNECTION_VARIABLES[variable].name}: ${path} does not hold a user and a password on a line each`,
  )
}

/**
 * What the file holds now in place of what it held. A file that can't be read or is being written, or that names another user (whose
 * permissions are others), changes nothing.
 */
export function currentCredentials<C extends NatsCredentials | (UserPassword & FromFile)>(known: C): C {
  let text: string
  try {
    text = readFileSync(known.path, 'utf8')
  } catch {
    return known
  }
  if ('file' in known) return isJwt(text) ? { ...known, file: Buffer.from(text) } : known
  const found = userPassword(text)
  return found?.user === known.user ? { ...known, password: found.password } : known
}

function tlsFiles(
  server: string,
  ca: string | undefined,
  cert: string | undefined,
  key: string | undefined,
): TlsFiles | undefined {
  if ((cert === undefined) !== (key === undefined))
    throw new MurmurError(
      'CONFIG_INVALID',
      `MURMUR_${server}_TLS_CERT and MURMUR_${server}_TLS_KEY belong together: set both or none`,
    )
  if (ca === undefined && cert === undefined) return undefined
  return {
    ...(ca !== undefined && { ca: read(ca) }),
    ...(cert !== undefined && { cert: read(cert) }),
    ...(key !== undefined && { key: read(key) }),
  }
}

function readCredentials(path: string): NatsCredentials {
  const text = read(path)
  if (isJwt(text)) return { kind: 'creds', file: Buffer.from(text), path }
  const found = userPassword(text)
  if (found) return { kind: 'password', ...found, path }
  throw new MurmurError(
    'CONFIG_INVALID',
    `MURMUR_NATS_CREDENTIALS: ${path} is no .creds file and does not hold a user and a password on a line each`,
  )
}

function isJwt(text: string): boolean {
  return text.includes('BEGIN NATS USER JWT')
}

/** Two lines, the second possibly ended too; undefined for anything else. */
function userPassword(text: string): UserPassword | undefined {
  const [user, password, ...more] = text.split(/\r?\n/).filter((line) => line !== '')
  return user !== undefined && password !== undefined && more.length === 0 ? { user, password } : undefined
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new MurmurError('CONFIG_INVALID', `${path} can't be read: ${messageOf(cause)}`, { cause })
  }
}

function file() {
  return z.string().refine((path) => existsSync(path), { error: 'must be a file that is there' })
}
