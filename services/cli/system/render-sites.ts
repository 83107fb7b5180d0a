import type { SiteView } from '#schemas/site.ts'
import type { Paint } from '../output/paint.ts'
import { count, formatDuration } from '../output/quantities.ts'
import { printable } from '../output/terminal-text.ts'

/** `site yard: link down since 12:03:10 UTC (41 min 3 s), 12 events waited there then`. Pure. */
export function siteSentence({ site, link, sinceMs, waiting, lost }: SiteView, nowMs: number): string {
  const since = new Date(sinceMs).toISOString().replace('T', ' ').slice(0, 19)
  const kept = waiting === 0 ? '' : `, ${count(waiting, 'event')} ${waiting === 1 ? 'waits' : 'wait'} there`
  const gone = lost === 0 ? '' : `, ${count(lost, 'event')} lost to its limits`
  return `site ${printable(site)}: link ${link} since ${since} UTC (${formatDuration(Math.max(0, nowMs - sinceMs))})${kept}${gone}`
}

/** A line for each site, those that are cut off in red. Pure. */
export function renderSites(sites: readonly SiteView[], nowMs: number, paint: Paint): string[] {
  return sites.map((view) => {
    const sentence = siteSentence(view, nowMs)
    return view.link === 'down' ? paint.red(sentence) : sentence
  })
}
