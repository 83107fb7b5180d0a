import { z } from 'zod'
import { type SecretGrant, secretGrantsSchema } from '../secrets/secret-grants.ts'
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
      'Which secret may be sent for whom and where: `NAME@https://host/path`, separated by commas, for the tenant `default`, any method and what lies below the path; or a JSON list of `{"name", "tenants", "origin", "methods", "pathPrefix"}` (docs/security.md). Nothing else is ever sent.',
    defaultNote: 'none',
    mayBeFile: true,
    schema: secretGrantsSchema,
  },
} as const satisfies ConfigTable

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
