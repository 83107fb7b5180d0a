import { parseArgs } from 'node:util'
import type { Role } from '#subjects/permissions.ts'
import { type NatsUser, natsAuthorization } from './authorization.ts'
import { SITE_AGENTS, siteNames, siteUser } from './site-server.ts'

/**
 * Prints the users of a production NATS, to be included in its configuration:
 *
 *   node deploy/nats/print-authorization.ts --agents ingest,analysis --tenants acme --sites yard
 *
 * The server of a site (docs/sites.md) connects as the user site-NAME.
 * Passwords are variables of the server's environment, NATS_PASSWORD_<USER>, in plain text or as bcrypt hashes.
 */
const BUILT_IN_AGENTS = 'ingest,analysis,synthesis,api-caller,capture,tracking,alerting,rules-replay'

const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: BUILT_IN_AGENTS },
    tenants: { type: 'string', default: '' },
    sites: { type: 'string', default: '' },
    'site-agents': { type: 'string', default: SITE_AGENTS },
  },
})

const users: [name: string, role: Role][] = [
  ['orchestrator', { kind: 'orchestrator' }],
  ['edge', { kind: 'edge' }],
  ['operator', { kind: 'operator' }],
  ['backup', { kind: 'backup' }],
  ['detector', { kind: 'detector' }],
  ...names(values.agents).map((type): [string, Role] => [`agent-${type}`, { kind: 'agent', type }]),
  ...names(values.tenants).map((tenant): [string, Role] => [`client-${tenant}`, { kind: 'client', tenant }]),
  ...siteNames(values.sites).map((site): [string, Role] => [
    siteUser(site),
    { kind: 'site', site, agents: names(values['site-agents']) },
  ]),
]
process.stdout.write(natsAuthorization(users.map(([name, role]) => userOf(name, role))))

function userOf(name: string, role: Role): NatsUser {
  return { name, roles: [role], password: `$NATS_PASSWORD_${name.toUpperCase().replaceAll('-', '_')}` }
}

function names(list: string): string[] {
  const found = list.split(',').filter((name) => name !== '')
  const wrong = found.find((name) => !/^[A-Za-z0-9_-]{1,64}$/.test(name))
  if (wrong !== undefined) throw new TypeError(`"${wrong}" is no name of an agent type or a tenant`)
  return found
}
