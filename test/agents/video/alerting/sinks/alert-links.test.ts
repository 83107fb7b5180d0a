import t from 'tap'
import { ALERT } from '#subjects/operations/examples.ts'
import { alertLinks, shownPicture } from '../../../../../services/agents/video/alerting/sinks/alert-links.ts'

const signing = { publicUrl: 'https://m.example.org', key: 'k'.repeat(32), lifetimeMs: 60_000 }

t.test('an alert has a page, and a picture where it has a frame', async (t) => {
  const { page, picture } = alertLinks(signing, ALERT, 0)
  t.match(
    page,
    /^https:\/\/m\.example\.org\/v1\/shared\/default\/alerts\/a0123456789abcdef\?expires=60&signature=/,
  )
  t.match(picture, /\/alerts\/a0123456789abcdef\/picture\?expires=60&signature=/)
  const { frame: _frame, ...without } = ALERT
  t.notHas(alertLinks(signing, without, 0), 'picture')
})

t.test('pictures are shown from https only', async (t) => {
  t.ok(shownPicture(alertLinks(signing, ALERT, 0)))
  t.equal(shownPicture(alertLinks({ ...signing, publicUrl: 'http://m' }, ALERT, 0)), undefined)
})
