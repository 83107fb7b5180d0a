import t from 'tap'
import { ALERT } from '#subjects/operations/examples.ts'
import { alertPage } from '../../../services/edge/rest/alert-page.ts'

t.test('a page says what an alert is about and how it stands, and runs nothing', async (t) => {
  const incident = {
    phase: 'over',
    monitor: 'm',
    times: 2,
    sinceMs: 1,
    endedAtMs: 2,
    totalMs: 1,
    reason: '"back"',
  } as const
  const page = alertPage({ ...ALERT, status: 'resolved', changedBy: "o'neil", changedAtMs: 3, incident }, {})
  t.match(page, /yard · \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC · resolved/)
  t.match(page, 'by o&#39;neil')
  t.match(page, '&#34;back&#34;')
  t.notMatch(page, '<script')
  t.notMatch(page, /<img|<video/, 'there is no picture, and no clip')
  const shown = alertPage(ALERT, { picture: 'x?a&b', clip: 'y?"c' })
  t.match(shown, '<img src="x?a&#38;b"')
  t.match(shown, '<video controls preload="metadata" src="y?&#34;c"')
  t.match(shown, '<a href="y?&#34;c" download>')
})
