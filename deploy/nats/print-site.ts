import { parseArgs } from 'node:util'
import { SITE_AGENTS, siteNames, siteServerConfig } from './site-server.ts'

/**
 * Prints the configuration of the nats-server of a site (docs/sites.md):
 *
 *   node deploy/nats/print-site.ts --site yard --store /var/lib/nats > nats-site.conf
 *
 * It takes from the server's environment: NATS_CENTRE_URL, where the centre takes leaves, with user and password
 * (tls://site-yard:PASSWORD@nats.example.org:7422), and the passwords of its own users, NATS_PASSWORD_KEEPER, …_VIDEO, …_DETECTOR.
 */
const { values } = parseArgs({
  options: {
    site: { type: 'string' },
    agents: { type: 'string', default: SITE_AGENTS },
    store: { type: 'string', default: '/var/lib/nats' },
    listen: { type: 'string', default: '127.0.0.1:4222' },
    http: { type: 'string' },
    'centre-ca': { type: 'string' },
  },
})

const [site, ...others] = siteNames(values.site ?? '')
if (site === undefined || others.length > 0) throw new TypeError('name one site: --site yard')
const agents = values.agents.split(',').filter((name) => name !== '')
const wrong = agents.find((name) => !/^[A-Za-z0-9_-]{1,38}$/.test(name))
if (wrong !== undefined) throw new TypeError(`"${wrong}" is no name of an agent type`)
const { http, 'centre-ca': centreCa } = values
process.stdout.write(
  siteServerConfig({
    ...{ site, agents, listen: values.listen, storeDir: values.store },
    ...(http !== undefined && { http }),
    ...(centreCa !== undefined && { centreCa }),
    centreUrl: '$NATS_CENTRE_URL',
    passwordOf: (user) => `$NATS_PASSWORD_${user.toUpperCase()}`,
  }),
)
