import { z } from 'zod'
import { secretNameSchema } from '#schemas/api-call.ts'
import { isAllowEntry, listOf } from './address-list.ts'
import { type ConfigTable, type Environment, readConfig } from './read-config.ts'

/** Value of a secret that is given by the environment: `MURMUR_SECRET_GITHUB_TOKEN`. */
const SECRET_PREFIX = 'MURMUR_SECRET_'
const DEFAULT_PORTS = '80,443,8080,8443'

/** The settings of calls to services outside. */
export const HTTP_VARIABLES = {
  allow: {
    name: 'MURMUR_HTTP_ALLOW',
    meaning:
      'Private addresses (CIDR or single) and host names that may be called all the same, separated by commas.',
    defaultNote: 'none: only public addresses',
    schema: listOf(isAllowEntry, 'must be addresses, CIDR ranges or host names, separated by commas'),
  },
  ports: {
    name: 'MURMUR_HTTP_PORTS',
    meaning: 'Ports that may be called, separated by commas; * for all.',
    default: DEFAULT_PORTS,
    schema: z.union([z.literal('*'), listOf(isPort, 'must be ports separated by commas, or *')]),
  },
  secretsFolder: {
    name: 'MURMUR_SECRETS_DIR',
    meaning:
      'Folder with one file per secret, named like it. Read at each use, so that secrets can be rotated.',
    unit: 'path',
    defaultNote: `none: secrets come from ${SECRET_PREFIX}<NAME>`,
    schema: z.string(),
  },
  secretGrants: {
    name: 'MURMUR_SECRETS_ALLOW',
    meaning:
      'Which secret may be sent to which origin: NAME@https://host, separated by commas. Nothing else is ever sent.',
    defaultNote: 'none',
    schema: listOf(isGrant, 'must be NAME@https://host entries, separated by commas').transform((entries) =>
      entries.map(parseGrant),
    ),
  },
} as const satisfies ConfigTable

/** One secret may be sent to one origin. */
export interface SecretGrant {
  name: string
  /** As in `URL.origin`. */
  origin: string
}

export interface HttpConfig {
  /** Addresses, CIDR ranges and host names that may be called although they are not public. */
  readonly allow: readonly string[]
  readonly ports: readonly number[] | 'any'
  readonly secrets: {
    readonly grants: readonly SecretGrant[]
    readonly folder: string | undefined
    /** Those of the environment, by name; only the granted ones are read. */
    readonly values: ReadonlyMap<string, string>
  }
}

/**
 * The settings of calls to services outside, from the environment.
 * @throws MurmurError CONFIG_INVALID with every fault at once
 */
export function loadHttpConfig(env: Environment = process.env): HttpConfig {
  const config = readConfig(HTTP_VARIABLES, env)
  const grants = config.secretGrants ?? []
  const values = new Map<string, string>()
  for (const { name } of grants) {
    const value = env[SECRET_PREFIX + name]
    if (value) values.set(name, value)
  }
  return {
    allow: config.allow ?? [],
    ports: config.ports === '*' ? 'any' : config.ports.map(Number),
    secrets: { grants, folder: config.secretsFolder, values },
  }
}

function isPort(entry: string): boolean {
  return /^[1-9]\d{0,4}$/.test(entry) && Number(entry) <= 65_535
}

function isGrant(entry: string): boolean {
  const { name, origin } = parseGrant(entry)
  return secretNameSchema.safeParse(name).success && /^https?:/.test(origin)
}

function parseGrant(entry: string): SecretGrant {
  const at = entry.indexOf('@')
  return { name: entry.slice(0, Math.max(at, 0)), origin: URL.parse(entry.slice(at + 1))?.origin ?? '' }
}
