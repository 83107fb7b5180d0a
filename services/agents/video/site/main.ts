import { MurmurError } from '#platform/errors/murmur-error.ts'
import { runService, type ServiceContext } from '#platform/lifecycle/run-service.ts'
import { EventForwarder } from './event-forwarder.ts'
import { SiteKeeper } from './site-keeper.ts'

// The keeper of a site: one process beside the site's nats-server. docs/sites.md
await runService('site', build, { metrics: ['site'] })

async function build({ config, log, clock, lifecycle, metrics, connect }: ServiceContext) {
  const { site, instance } = config
  if (site === undefined) {
    const message = 'has to name the site that is kept'
    throw new MurmurError('CONFIG_INVALID', `MURMUR_SITE ${message}`, {
      issues: [{ path: 'MURMUR_SITE', message }],
    })
  }
  const bus = await connect()
  const forwarder = new EventForwarder({ bus, log, metrics })
  lifecycle.add(new SiteKeeper({ site, instance, bus, clock, log, metrics, forwarder }))
  return () => ({ site })
}
