import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { signedLink } from '#platform/http/signed-link.ts'
import { silentLog } from '#platform/telemetry/logger.ts'
import type { Alert } from '#schemas/alert.ts'
import { ALERT } from '#subjects/operations/examples.ts'
import { OpenAccess } from '../../../services/edge/access/access.ts'
import type { EventHub } from '../../../services/edge/gateway/event-hub.ts'
import type { Gateway } from '../../../services/edge/gateway/gateway.ts'
import { createRestApp, type RestServerDeps } from '../../../services/edge/rest/rest-server.ts'

const KEY = 'k'.repeat(32)
const SNAPSHOT = { blob: 'monitors/m/p.jpg', size: 3, sha256: 'a'.repeat(64), contentType: 'image/jpeg' }
const ALERTS: Record<string, Alert> = {
  a1: { ...ALERT, id: 'a1', message: '<b>Person</b> entered', snapshot: SNAPSHOT },
  a2: { ...ALERT, id: 'a2' },
}
/** Only what these routes ask for. */
const gateway = {
  alert: async (tenant: string, id: string) => {
    const alert = ALERTS[id]
    if (!alert || tenant !== 'default') throw new MurmurError('ALERT_NOT_FOUND', `there is no alert "${id}"`)
    return alert
  },
  getObject: async () => ({ ...SNAPSHOT, bytes: new Blob(['jpg']).stream() }),
  recordings: {
    clips: async () => {
      throw new MurmurError('UNAVAILABLE', 'no node with recordings answers')
    },
  },
} as unknown as Gateway
const browsers = { origins: [], isOpen: false, scheme: 'http' } as const
const deps: Omit<RestServerDeps, 'host' | 'port'> = {
  bus: {} as RestServerDeps['bus'],
  hub: {} as EventHub,
  feed: {} as RestServerDeps['feed'],
  ...{ gateway, browsers, clock: systemClock, log: silentLog, access: new OpenAccess() },
  requestTimeoutMs: 20_000,
}
const app = createRestApp({ ...deps, links: { keys: ['n'.repeat(32), KEY], publicUrl: '' } })
t.teardown(() => app.close())

function linkTo(path: string, about: { lifetimeMs?: number; key?: string } = {}): string {
  const signing = { publicUrl: '', key: KEY, lifetimeMs: 60_000, ...about }
  return signedLink(signing, `/v1/shared/default/alerts/${path}`, systemClock.nowMs())
}

t.test('a link leads to a page of its alert, and from there to its picture', async (t) => {
  const page = await app.inject(linkTo('a1'))
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-type'], 'text/html')
  t.match(page.headers['content-security-policy'], /^default-src 'none'/)
  t.match(page.body, '&#60;b&#62;Person&#60;/b&#62; entered')
  t.notMatch(page.body, '<b>Person', 'what an alert says is text')
  const [, src = ''] = /<img src="([^"]+)"/.exec(page.body) ?? []
  const url = new URL(src.replaceAll('&#38;', '&'), `http://edge${linkTo('a1')}`)
  const picture = await app.inject(`${url.pathname}${url.search}`)
  t.match(picture, {
    statusCode: 200,
    headers: { 'content-type': 'image/jpeg', 'content-length': '3' },
    body: 'jpg',
  })
  t.notMatch((await app.inject(linkTo('a2'))).body, '<img')
  t.notMatch(
    page.body,
    '<video',
    'what nobody can give is not shown; that it is recorded: recording-routes.test.ts',
  )
})

t.test('what is not signed, has expired, or is of something else is refused', async (t) => {
  const codeOf = async (link: string) => {
    const answer = await app.inject(link)
    return `${answer.statusCode} ${answer.json().code}`
  }
  const valid = linkTo('a1')
  const refused = [
    valid.replace('/a1?', '/a2?'),
    valid.replace('default', 'other'),
    valid.replace(/expires=\d/, 'expires=9'),
    valid.slice(0, -1),
    valid.slice(0, valid.indexOf('?')),
    valid.replace('/a1?', '/a1/picture?'),
    linkTo('a1', { lifetimeMs: -1000 }),
    linkTo('a1', { key: 'x'.repeat(32) }),
  ]
  for (const link of refused) t.equal(await codeOf(link), '403 LINK_INVALID', link)
  t.equal(await codeOf(linkTo('none')), '404 ALERT_NOT_FOUND')
  t.equal(await codeOf(linkTo('a2/picture')), '404 NOT_FOUND')
})

t.test('an edge without a key follows no link', async (t) => {
  const none = createRestApp(deps)
  t.teardown(() => none.close())
  t.equal((await none.inject(linkTo('a1'))).statusCode, 403)
})
