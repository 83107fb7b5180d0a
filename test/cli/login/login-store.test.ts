import { chmodSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { type Login, LoginStore } from '../../../services/cli/login/login-store.ts'

const login = (accessToken: string): Login => ({
  issuer: 'https://issuer.example.org',
  tokenEndpoint: 'https://issuer.example.org/token',
  clientId: 'cli',
  audience: 'https://edge.example.org',
  accessToken,
})

t.test('logins by edge, in a file of its owner', async (t) => {
  const home = join(t.testdir(), 'home')
  const store = new LoginStore(home, systemClock)
  t.equal(store.get('https://a'), undefined)
  t.equal(store.get('constructor'), undefined)
  await store.change('https://a', async () => login('one'))
  await store.change('https://b', async (before) => {
    t.equal(before, undefined)
    return login('two')
  })
  t.equal(store.get('https://a')?.accessToken, 'one')
  t.equal(statSync(join(home, 'logins.json')).mode & 0o777, 0o600)
  t.equal(statSync(home).mode & 0o777, 0o700)
  await store.change('https://a', async () => undefined)
  t.equal(store.get('https://a'), undefined)
  t.equal(store.get('https://b')?.accessToken, 'two')
  await t.rejects(
    store.change('https://b', async () => {
      throw new Error('away')
    }),
    /away/,
  )
  await store.change('https://b', async (before) => before)
  t.equal(store.get('https://b')?.accessToken, 'two', 'what fails changes nothing, and leaves no lock')
})

t.test('one change at a time, and a lock that somebody died over is taken away', async (t) => {
  const home = t.testdir()
  let at = 0
  let most = 0
  const stores = Array.from({ length: 5 }, () => new LoginStore(home, systemClock))
  await Promise.all(
    stores.map((store) =>
      store.change('https://a', async (before) => {
        most = Math.max(most, ++at)
        await new Promise((resolve) => setImmediate(resolve))
        at--
        return login(`${before?.accessToken ?? ''}x`)
      }),
    ),
  )
  t.equal(most, 1)
  t.equal(stores[0]!.get('https://a')?.accessToken, 'xxxxx', 'none is lost')
  const lock = join(home, 'logins.json.lock')
  mkdirSync(lock)
  const longAgo = new Date(Date.now() - 60_000)
  utimesSync(lock, longAgo, longAgo)
  await stores[0]!.change('https://a', async () => login('again'))
  t.equal(stores[0]!.get('https://a')?.accessToken, 'again')
})

t.test('what is no file of logins, or is open to others, is not read', async (t) => {
  const home = t.testdir()
  const file = join(home, 'logins.json')
  const store = new LoginStore(home, systemClock)
  writeFileSync(file, '{"v":1,"logins":{}}', { mode: 0o600 })
  t.equal(store.get('https://a'), undefined)
  chmodSync(file, 0o640)
  t.throws(() => store.get('https://a'), { code: 'FILE_UNREADABLE', fix: /chmod 600/ })
  chmodSync(file, 0o600)
  writeFileSync(file, '{"v":2}')
  t.throws(() => store.get('https://a'), { code: 'FILE_UNREADABLE' })
  t.equal(readFileSync(file, 'utf8'), '{"v":2}', 'it is left as it is')
})
