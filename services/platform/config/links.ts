import { z } from 'zod'
import type { LinkSigning } from '../http/signed-link.ts'
import { type ConfigTable, type Environment, invalidConfig, readConfig } from './read-config.ts'
import { decimalNumber, url } from './variable-schemas.ts'

const DAY_MS = 86_400_000

/** Links to alerts and their pictures, which sinks send and an edge serves: both read the same settings. */
export const LINK_VARIABLES = {
  publicUrl: {
    name: 'MURMUR_PUBLIC_URL',
    meaning:
      'Where people reach the edge, as `https://murmur.example.org`: sinks send links to alerts and their pictures. Slack and PagerDuty show pictures from https only.',
    defaultNote: 'none: sinks send no links',
    schema: url(['https', 'http']).transform((text) => text.replace(/\/+$/, '')),
  },
  linkKey: {
    name: 'MURMUR_LINK_KEY',
    meaning:
      'Key of the signatures of these links, the same for alerting and the edges: any text of 32 characters and more. Another key makes all links invalid.',
    defaultNote: 'none; MURMUR_PUBLIC_URL needs one',
    secret: true,
    mayBeFile: true,
    schema: z.string().min(32, { error: 'must have at least 32 characters' }).max(1024),
  },
  linkDays: {
    name: 'MURMUR_LINK_DAYS',
    meaning: 'How long a link holds.',
    unit: 'days',
    default: '7',
    schema: decimalNumber({ min: 0.01, max: 30 }),
  },
} as const satisfies ConfigTable

/**
 * How links are signed; undefined where there are none.
 * @throws MurmurError CONFIG_INVALID
 */
export function loadLinkSigning(env?: Environment): LinkSigning | undefined {
  const { publicUrl, linkKey, linkDays } = readConfig(LINK_VARIABLES, env)
  if (publicUrl === undefined) return undefined
  if (linkKey === undefined)
    throw invalidConfig([
      {
        path: LINK_VARIABLES.linkKey.name,
        message: `is needed with ${LINK_VARIABLES.publicUrl.name}: whoever has a link may follow it`,
      },
    ])
  return { publicUrl, key: linkKey, lifetimeMs: linkDays * DAY_MS }
}

/** What an edge checks links by; undefined: it follows none. @throws MurmurError CONFIG_INVALID */
export function loadLinkKey(env?: Environment): string | undefined {
  return readConfig({ linkKey: LINK_VARIABLES.linkKey }, env).linkKey
}
