import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import t from 'tap'
import { ConsoleFiles } from '../../../services/edge/console/console-files.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { openRest } from '../edge-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'murmur-console-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const SCRIPT = 'console.log(1)\n'.repeat(50)
const built = join(folder, 'built')

function build(): void {
  mkdirSync(join(built, 'assets'), { recursive: true })
  writeFileSync(join(built, 'assets/index-AbCd1234.js'), SCRIPT)
  writeFileSync(join(built, 'assets/index-AbCd1234.js.br'), brotliCompressSync(SCRIPT))
  writeFileSync(join(folder, 'secret.js'), 'no')
  writeFileSync(join(built, 'index.html'), '<!doctype html><title>x</title>')
}

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const PAGE = { accept: 'text/html,application/xhtml+xml' }

t.test('before it is built, a page says what to do; as soon as it is, it is shown', async (t) => {
  const { url } = await openRest(t, bus, { consoleDir: built })
  const before = await fetch(url, { headers: PAGE })
  t.equal(before.status, 503)
  t.match(await before.text(), /CONSOLE_NOT_BUILT[\s\S]*Remedy/)
  build()
  const files = new ConsoleFiles(built, () => 0)
  t.ok(await files.isThere())
  let status = 503
  while (status === 503) status = (await fetch(url, { headers: PAGE })).status
  t.equal(status, 200)
})

t.test('without a folder, the page says that nobody named one', async (t) => {
  const { url } = await openRest(t, bus)
  const answer = await fetch(`${url}/tasks`, { headers: PAGE })
  t.equal(answer.status, 503)
  t.match(await answer.text(), /MURMUR_EDGE_CONSOLE_DIR/)
  t.equal((await fetch(`${url}/tasks`)).status, 404, 'who asks for no page gets a problem')
})

t.test('files, encodings, caching, and the page for every path of the console', async (t) => {
  const { url } = await openRest(t, bus, { consoleDir: built })
  const script = await fetch(`${url}/assets/index-AbCd1234.js`, { headers: { 'accept-encoding': 'br' } })
  t.equal(await script.text(), SCRIPT)
  t.match(Object.fromEntries(script.headers), {
    'content-encoding': 'br',
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
    'content-security-policy': /default-src 'none'; script-src 'self'; style-src 'self';/,
    vary: /accept-encoding/,
  })
  const plain = await fetch(`${url}/assets/index-AbCd1234.js`, { headers: { 'accept-encoding': 'identity' } })
  t.equal(plain.headers.get('content-encoding'), null)
  t.not(plain.headers.get('etag'), script.headers.get('etag'))
  const again = await fetch(`${url}/assets/index-AbCd1234.js`, {
    headers: { 'accept-encoding': 'br', 'if-none-match': script.headers.get('etag')! },
  })
  t.equal(again.status, 304)
  const head = await fetch(`${url}/assets/index-AbCd1234.js`, {
    method: 'HEAD',
    headers: { 'accept-encoding': 'br' },
  })
  t.ok(Number(head.headers.get('content-length')) > 0)
  for (const path of ['/', '/tasks', '/tasks/t1?step=a', '/anything/at/all']) {
    const page = await fetch(url + path, { headers: PAGE })
    t.match(
      [page.status, page.headers.get('cache-control'), await page.text()],
      [200, 'no-cache', /<!doctype html>/],
      path,
    )
  }
})

t.test('nothing else is ever read, and the API keeps its own answers', async (t) => {
  const { url } = await openRest(t, bus, { consoleDir: built })
  for (const path of [
    '/../secret.js',
    '/assets/../../secret.js',
    '/%2e%2e/secret.js',
    '/..%2fsecret.js',
    '/assets/%00',
    '/%E0%A4%A',
  ]) {
    const answer = await fetch(url + path)
    t.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`)
    t.notMatch(await answer.text(), /^no$/)
  }
  for (const path of ['/v1/nothing', '/docs/nothing', '/.well-known/nothing']) {
    const answer = await fetch(url + path, { headers: PAGE })
    t.match([answer.status, answer.headers.get('content-type')], [404, /problem\+json/], path)
  }
  const post = await fetch(`${url}/tasks`, { method: 'POST', headers: PAGE })
  t.equal(post.status, 404)
  const api = await fetch(`${url}/v1/session`)
  t.match(await api.json(), { auth: 'none', signedIn: true, tenant: 'default' })
})
