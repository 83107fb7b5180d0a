import { z } from 'zod'
import { type ClipLinks, createClipLinks } from '../secrets/clip-links.ts'
import { createTextSealer, parseSealKeys } from '../secrets/sealed-text.ts'
import { type ConfigTable, type Environment, readConfig } from './read-config.ts'
import { url } from './variable-schemas.ts'

/** Settings of those who make links to clips, and of edges, which serve them. */
export const LINK_VARIABLES = {
  linkKeys: {
    name: 'MURMUR_LINK_KEYS',
    meaning:
      'Keys that links to clips are made with: `ID:BASE64` of 32 bytes each, separated by commas. The first makes new ones, all of them are taken. The same for edges and alerting. Local mode makes one.',
    defaultNote: 'none: there are no links',
    secret: true,
    mayBeFile: true,
    schema: z
      .string()
      .transform(parseSealKeys)
      .refine((keys) => keys !== undefined, { error: 'must be ID:BASE64 entries with 32 bytes each' }),
  },
  publicUrl: {
    name: 'MURMUR_PUBLIC_URL',
    meaning: 'Where people reach an edge: what links to clips begin with.',
    unit: 'URL',
    defaultNote: 'none: links begin with their path',
    schema: url(['https', 'http']).transform((text) => text.replace(/\/+$/, '')),
  },
} as const satisfies ConfigTable

/** Undefined where there is no key. @throws MurmurError CONFIG_INVALID */
export function loadClipLinks(env?: Environment): ClipLinks | undefined {
  const { linkKeys, publicUrl } = readConfig(LINK_VARIABLES, env)
  return linkKeys && createClipLinks(createTextSealer(linkKeys), publicUrl)
}
