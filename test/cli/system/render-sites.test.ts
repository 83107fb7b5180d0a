import t from 'tap'
import type { SiteView } from '#schemas/site.ts'
import { judgeSites } from '../../../services/cli/doctor/judge-sites.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { renderSites, siteSentence } from '../../../services/cli/system/render-sites.ts'

const NOW = Date.UTC(2026, 8, 21, 14, 0, 0)
const view = (about: Partial<SiteView> = {}): SiteView => ({
  ...{ site: 'yard', link: 'up', sinceMs: NOW - 3_600_000, lastSeenMs: NOW, waiting: 0, lost: 0 },
  ...about,
})

t.test('a site says since when its link is as it is, and what it keeps', async (t) => {
  t.equal(siteSentence(view(), NOW), 'site yard: link up since 2026-09-21 13:00:00 UTC (1 h 00 min)')
  t.equal(
    siteSentence(view({ link: 'down', sinceMs: NOW - 65_000, waiting: 2, lost: 1 }), NOW),
    'site yard: link down since 2026-09-21 13:58:55 UTC (1 min 05 s), 2 events wait there, 1 event lost to its limits',
  )
  t.match(renderSites([view({ waiting: 1 })], NOW, noPaint), [/1 event waits there$/])
})

t.test('doctor: nothing of none, fine while all are up, a warning with what to do otherwise', async (t) => {
  t.strictSame(judgeSites([], NOW), [])
  t.match(judgeSites([view()], NOW), [{ name: 'sites', status: 'ok', evidence: /link up since/ }])
  const cut = judgeSites([view(), view({ site: 'gate', link: 'down' })], NOW)
  t.match(cut, [{ status: 'warn', evidence: /^site gate: link down/, fix: /leafnodes/ }])
  t.match(judgeSites([view({ lost: 3 })], NOW), [{ status: 'warn', fix: /limits/ }])
})
