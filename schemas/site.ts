import { z } from 'zod'
import { instanceIdSchema } from './identifiers.ts'

/**
 * A site is a place with cameras and a nats-server of its own, a leaf node of the centre. The types of its agents have its name
 * behind them, so their queues, results and permissions are theirs alone: `capture--yard` is the capture of the site `yard`.
 */
const SEPARATOR = '--'

/** Short, because names of agent types have 64 characters. */
export const SITE_PATTERN = /^[a-z0-9]+(-[a-z0-9]+)*$/
const SITE_CHARACTERS = 24

export const siteSchema = z
  .string()
  .max(SITE_CHARACTERS, { error: `a site has at most ${SITE_CHARACTERS} characters` })
  .regex(SITE_PATTERN, {
    error: 'a site must be words of a-z 0-9 with single hyphens between them, like north-gate',
  })

/** What an agent type is called on a site; without a site it keeps its name. Pure. */
export function agentOfSite(type: string, site: string | undefined): string {
  return site === undefined ? type : `${type}${SEPARATOR}${site}`
}

/** The site that an agent type belongs to; undefined for those of the centre. Pure. */
export function siteOfAgent(type: string): string | undefined {
  const at = type.lastIndexOf(SEPARATOR)
  if (at < 1) return undefined
  const site = type.slice(at + SEPARATOR.length)
  return site.length <= SITE_CHARACTERS && SITE_PATTERN.test(site) ? site : undefined
}

/** The type without its site. Pure. */
export function kindOfAgent(type: string): string {
  const site = siteOfAgent(type)
  return site === undefined ? type : type.slice(0, -(site.length + SEPARATOR.length))
}

/** Sent every second on `sites.heartbeat.<site>` by the keeper of a site. */
export const siteHeartbeatSchema = z.object({
  site: siteSchema,
  instance: instanceIdSchema,
  version: z.string().max(64),
  /** When the keeper began. Unix milliseconds. */
  startedAtMs: z.number(),
  /** Camera events that the site keeps and the centre does not have yet. */
  waiting: z.int().min(0),
  /** When the oldest of them was stored; missing when none waits, or that is not known. Unix milliseconds. */
  oldestAtMs: z.number().optional(),
  /** Events that went over the limits of the site before the centre had them, since the keeper began. */
  lost: z.int().min(0),
})
export type SiteHeartbeat = z.infer<typeof siteHeartbeatSchema>

/** A site as an orchestrator knows it. */
export const siteViewSchema = z.object({
  site: z.string(),
  /** `down`: its keeper has not been heard for three seconds: the link is cut, or nothing runs there. */
  link: z.enum(['up', 'down']),
  /** Since when the link is as it is. Unix milliseconds. */
  sinceMs: z.number(),
  lastSeenMs: z.number(),
  /** As it was told last. */
  waiting: z.int(),
  lost: z.int(),
})
export type SiteView = z.infer<typeof siteViewSchema>

export const siteViewExample: SiteView = {
  site: 'yard',
  link: 'down',
  sinceMs: 1_790_000_050_000,
  lastSeenMs: 1_790_000_050_000,
  waiting: 0,
  lost: 0,
}
