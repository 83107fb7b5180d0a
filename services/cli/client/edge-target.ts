import { readFileSync } from 'node:fs'
import { z } from 'zod'
import {
  type ConfigTable,
  type Environment,
  invalidConfig,
  readConfig,
} from '#platform/config/read-config.ts'
import { url } from '#platform/config/variable-schemas.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'

const keySchema = z
  .string()
  .regex(/^[A-Za-z0-9._~+/=-]{1,8192}$/, { error: 'must be an API key or a token, without spaces' })

/** Where commands go when it is not NATS, and who they say they are there. */
export const CLI_VARIABLES = {
  edgeUrl: {
    name: 'MURMUR_EDGE_URL',
    meaning: 'REST of an edge, for commands to go to instead of NATS.',
    defaultNote: 'none: commands go to NATS',
    schema: url(['http', 'https']),
  },
  apiKey: {
    name: 'MURMUR_API_KEY',
    meaning: 'API key or token that commands show to the edge.',
    defaultNote: 'none: as an edge without credentials takes it',
    secret: true,
    schema: keySchema,
  },
  apiKeyFile: {
    name: 'MURMUR_API_KEY_FILE',
    meaning: 'File with the same, for those who keep secrets out of the environment.',
    unit: 'path',
    defaultNote: 'none',
    schema: z.string().max(4096),
  },
} as const satisfies ConfigTable

/** What a command shows to an edge. */
export interface EdgeTarget {
  /** Without a slash at its end. */
  url: string
  credential: Credential | undefined
}

/** What is shown; or what gives it each time, where it changes. */
export type Credential = string | (() => Promise<string>)

/**
 * The edge that commands go to: the one that is named on the command line, else that of the environment.
 * @returns undefined when none is named
 * @throws MurmurError CONFIG_INVALID
 */
export function loadEdgeTarget(named: string | undefined, env?: Environment): EdgeTarget | undefined {
  const { edgeUrl, apiKey, apiKeyFile } = readConfig(CLI_VARIABLES, env, {
    [CLI_VARIABLES.edgeUrl.name]: named,
  })
  if (edgeUrl === undefined) return undefined
  const { username, password, search, hash } = new URL(edgeUrl)
  if (username || password || search || hash)
    throw invalidConfig([
      {
        path: CLI_VARIABLES.edgeUrl.name,
        message: 'must be an address alone: credentials go into MURMUR_API_KEY',
      },
    ])
  const credential = apiKey ?? (apiKeyFile === undefined ? undefined : readKey(apiKeyFile))
  return { url: edgeUrl.replace(/\/+$/, ''), credential }
}

function readKey(file: string): string {
  const path = CLI_VARIABLES.apiKeyFile.name
  try {
    const parsed = keySchema.safeParse(readFileSync(file, 'utf8').trim())
    if (parsed.success) return parsed.data
  } catch (cause) {
    throw invalidConfig([{ path, message: `${file} cannot be read: ${messageOf(cause)}` }])
  }
  throw invalidConfig([{ path, message: `${file} must hold an API key or a token, and nothing else` }])
}
