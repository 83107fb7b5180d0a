import type { EdgeLinks, LinkSigning } from '../http/signed-link.ts'
import type { SealKey } from '../secrets/sealed-text.ts'
import { type ConfigTable, type Environment, invalidConfig, readConfig } from './read-config.ts'
import { decimalNumber, sealKeys, url } from './variable-schemas.ts'

const DAY_MS = 86_400_000

/** Links to alerts, their pictures and clips, which sinks send and an edge serves: both read the same settings. */
export const LINK_VARIABLES = {
  linkKeys: {
    name: 'MURMUR_LINK_KEYS',
    meaning:
      'Keys that links to alerts, their pictures and clips are made with: `ID:BASE64` of 32 bytes each, separated by commas. The first makes new ones, all of them are taken. The same for edges and alerting. Local mode makes one.',
    defaultNote: 'none: there are no links; MURMUR_PUBLIC_URL needs one',
    secret: true,
    mayBeFile: true,
    schema: sealKeys(),
  },
  publicUrl: {
    name: 'MURMUR_PUBLIC_URL',
    meaning:
      'Where people reach an edge, as `https://murmur.example.org`: what links begin with. Slack and PagerDuty show pictures from https only.',
    defaultNote: 'none: sinks send no links, those of clips begin with their path',
    unit: 'URL',
    schema: url(['https', 'http']).transform((text) => text.replace(/\/+$/, '')),
  },
  linkDays: {
    name: 'MURMUR_LINK_DAYS',
    meaning: 'How long a link that a sink sends holds.',
    unit: 'days',
    default: '7',
    schema: decimalNumber({ min: 0.01, max: 30 }),
  },
} as const satisfies ConfigTable

/** How an edge makes links and follows them; undefined where there is no key: none is. @throws MurmurError CONFIG_INVALID */
export function loadEdgeLinks(env?: Environment): EdgeLinks | undefined {
  const { linkKeys, publicUrl = '' } = readConfig(LINK_VARIABLES, env)
  return linkKeys && { keys: linkKeys.map(textOf), publicUrl }
}

/**
 * How links to alerts are signed; undefined where nobody says where they lead.
 * @throws MurmurError CONFIG_INVALID
 */
export function loadLinkSigning(env?: Environment): LinkSigning | undefined {
  const { publicUrl, linkDays, linkKeys } = readConfig(LINK_VARIABLES, env)
  if (publicUrl === undefined) return undefined
  const first = linkKeys?.[0]
  if (first === undefined)
    throw invalidConfig([
      {
        path: LINK_VARIABLES.linkKeys.name,
        message: `is needed with ${LINK_VARIABLES.publicUrl.name}: whoever has a link may follow it`,
      },
    ])
  return { publicUrl, key: textOf(first), lifetimeMs: linkDays * DAY_MS }
}

function textOf({ key }: SealKey): string {
  return Buffer.from(key).toString('base64')
}

/** What an edge seals the sessions of browsers with; undefined: each edge takes a key of its own. @throws MurmurError CONFIG_INVALID */
export function loadSessionKeys(env?: Environment): readonly SealKey[] | undefined {
  return readConfig({ linkKeys: LINK_VARIABLES.linkKeys }, env).linkKeys
}
