import { join } from 'node:path'
import t from 'tap'
import { readMirror } from '../../../../deploy/local/servers/apt.ts'

t.test('the mirror is read from both forms of apt sources', (t) => {
  const keyring = t.testdir({ 'key.gpg': '' })
  const key = join(keyring, 'key.gpg')
  const stanza = `Types: deb\n# a comment\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nSigned-By: ${key}\n`
  const security = `Types: deb\nURIs: http://mirror.example/debian-security\nSuites: bookworm-security\n`
  const modern = t.testdir({
    'key.gpg': '',
    'sources.list.d': { 'debian.sources': `${security}\n${stanza}` },
  })
  t.same(readMirror(modern), { uri: 'http://mirror.example/debian', keyring: key })
  const classic = t.testdir({
    'key.gpg': '',
    'sources.list': `# deb http://off/debian x main\ndeb [signed-by=${key}] http://on.example/debian/ bookworm main\n`,
  })
  t.same(readMirror(classic), { uri: 'http://on.example/debian/', keyring: key })
  t.equal(readMirror(t.testdir({})), undefined)
  t.end()
})
