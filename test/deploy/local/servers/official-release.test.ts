import t from 'tap'
import { officialNatsRelease } from '../../../../deploy/local/servers/official-release.ts'

t.test('a release is pinned for the platforms whose sums are known', (t) => {
  t.match(officialNatsRelease('linux', 'x64'), { url: /linux-amd64\.tar\.gz$/, sha256: /^[0-9a-f]{64}$/ })
  t.match(officialNatsRelease('darwin', 'arm64'), { url: /darwin-arm64\.tar\.gz$/ })
  t.equal(officialNatsRelease('win32', 'x64'), undefined)
  t.equal(officialNatsRelease('linux', 's390x'), undefined)
  t.end()
})
