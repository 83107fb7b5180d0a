import { agentOfSite, siteSchema } from '#schemas/site.ts'
import { inboxPrefixOf } from '#subjects/inboxes.ts'
import type { Permissions } from '#subjects/permission.ts'
import { permissionsOf } from '#subjects/permissions.ts'
import {
  onSite,
  SITE_MAPPINGS,
  SITE_ONLY,
  SITE_STATE_ROLE,
  siteKeeperRole,
} from '#subjects/site-permissions.ts'
import { SITE_STREAMS } from '#subjects/site-streams.ts'
import { FRAMES_STREAM } from '#subjects/streams.ts'
import { userEntry } from './authorization.ts'

/** What runs on a site where nobody says otherwise. */
export const SITE_AGENTS = 'capture,tracking'
/** The users of a site's own server. */
export const SITE_USERS = ['keeper', 'video', 'detector'] as const
export type SiteUser = (typeof SITE_USERS)[number]

export interface SiteServer {
  readonly site: string
  /** Types that run there, without the name of the site. */
  readonly agents: readonly string[]
  /** `HOST:PORT` for its clients, and for its monitoring where that is wanted. */
  readonly listen: string
  readonly http?: string
  /** Where the centre takes leaves, with user and password, as in the configuration: quoted text, or `$NAME`. */
  readonly centreUrl: string
  /** Of the authority that the centre's certificate is from, where it is not one that everybody knows. */
  readonly centreCa?: string
  readonly storeDir: string
  /** As in the configuration: quoted text, or `$NAME`. */
  readonly passwordOf: (user: SiteUser) => string
}

/** The user of the centre's server that a site connects as. */
export const siteUser = (site: string): string => `site-${site}`

/** @throws TypeError for what is no list of sites */
export function siteNames(list: string): string[] {
  const found = list.split(',').filter((name) => name !== '')
  for (const name of found) {
    const parsed = siteSchema.safeParse(name)
    if (!parsed.success)
      throw new TypeError(`"${name}" is no name of a site: ${parsed.error.issues[0]!.message}`)
  }
  return found
}

const MIB = 1024 ** 2
/** A little more than the streams, for what the server writes beside them. */
const SPARE = 64 * MIB

/** What a user of the site's server may say and hear. Pure. */
export function siteUserPermissions(user: SiteUser, site: string, agents: readonly string[]): Permissions {
  const inbox = {
    subject: `${inboxPrefixOf(user)}.>`,
    why: 'answers to what it asks; nobody else may listen there',
  }
  switch (user) {
    case 'keeper': {
      const { subscribe, ...rest } = siteKeeperRole(site)
      return { ...rest, subscribe: [inbox, ...subscribe] }
    }
    case 'video': {
      const roles = agents.map((type) => ({ kind: 'agent', type: agentOfSite(type, site) }) as const)
      const { publish, ...rest } = permissionsOf(user, roles)
      return onSite({ ...rest, publish: [...publish, ...SITE_STATE_ROLE.publish] })
    }
    case 'detector':
      return permissionsOf(user, [{ kind: 'detector' }])
  }
}

/**
 * The whole configuration of the nats-server of a site: a leaf of the centre, with a JetStream domain of its own. Its users share
 * one account: a site is one place, and what it may do in the centre the centre's account of it says. Pure.
 */
export function siteServerConfig(server: SiteServer): string {
  const { site, agents, listen, http, centreUrl, centreCa, storeDir, passwordOf } = server
  const fileBytes = Object.values(SITE_STREAMS).reduce((sum, { maxBytes }) => sum + maxBytes, SPARE)
  const users = SITE_USERS.map((name) =>
    userEntry({ name, permissions: siteUserPermissions(name, site, agents) }, passwordOf(name)),
  )
  const mappings = SITE_MAPPINGS.map(([from, to]) => `      ${JSON.stringify(from)}: ${JSON.stringify(to)}`)
  const denied = SITE_ONLY.map((subject) => JSON.stringify(subject)).join(', ')
  return `server_name: ${JSON.stringify(siteUser(site))}
listen: ${JSON.stringify(listen)}
${http === undefined ? '' : `http: ${JSON.stringify(http)}\n`}ping_interval: "5s" # a line that is cut tells nobody: after three times as long the link counts as lost
ping_max: 2
jetstream {
  domain: ${JSON.stringify(site)} # its streams are its own: $JS.API means them here, and does not cross the link
  store_dir: ${JSON.stringify(storeDir)}
  max_memory_store: ${FRAMES_STREAM.maxBytes! + SPARE}
  max_file_store: ${fileBytes}
}
leafnodes {
  reconnect: "2s"
  remotes: [{
    url: ${centreUrl}
    account: "SITE"
    deny_exports: [${denied}] # pictures stay here
${centreCa === undefined ? '' : `    tls { ca_file: ${JSON.stringify(centreCa)} }\n`}  }]
}
accounts {
  "SITE" {
    jetstream: enabled
    mappings {
${mappings.join('\n')}
    }
    users: [
${users.join('\n')}
    ]
  }
}
`
}
