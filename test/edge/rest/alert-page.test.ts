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
  const page = alertPage(
    { ...ALERT, status: 'resolved', changedBy: "o'neil", changedAtMs: 3, incident },
    'x?a&b',
  )
  t.match(page, 'yard, resolved')
  t.match(page, 'by o&#39;neil')
  t.match(page, '&#34;back&#34;')
  t.notMatch(page, '<script')
  t.notMatch(page, '<img', 'there is no picture')
  const snapshot = { blob: 'b', size: 1, sha256: 'a'.repeat(64), contentType: 'image/jpeg' }
  t.match(alertPage({ ...ALERT, snapshot }, 'x?a&b'), '<img src="x?a&#38;b"')
})
