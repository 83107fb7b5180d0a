import type { SiteView } from '#schemas/site.ts'
import type { Check } from '../../../deploy/local/doctor.ts'
import { siteSentence } from '../system/render-sites.ts'

/** What is to be said of the sites; nothing where there are none. Pure. */
export function judgeSites(sites: readonly SiteView[], nowMs: number): Check[] {
  if (sites.length === 0) return []
  const name = 'sites'
  const wrong = sites.filter(({ link, lost }) => link === 'down' || lost > 0)
  const sentences = (some: readonly SiteView[]) => some.map((view) => siteSentence(view, nowMs)).join('; ')
  if (wrong.length === 0) return [{ name, status: 'ok', evidence: sentences(sites) }]
  const fix = wrong.some(({ link }) => link === 'down')
    ? 'Look at the line to the site, its nats-server (leafnodes) and its keeper: cameras go on, their alerts come when it is back (docs/sites.md).'
    : 'The link was cut for longer than the site can keep events: docs/sites.md names the limits.'
  return [{ name, status: 'warn', evidence: sentences(wrong), fix }]
}
