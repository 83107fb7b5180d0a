import t from 'tap'
import { natsRelease } from '../../../../loadtest/load/nats/nats-release.ts'

t.test('a release is pinned by its sum for each platform that we know, and for no other', async (t) => {
  for (const [platform, architecture] of [
    ['linux', 'x64'],
    ['linux', 'arm64'],
    ['darwin', 'x64'],
    ['darwin', 'arm64'],
  ] as const) {
    const release = natsRelease(platform, architecture)!
    t.match(release.sha256, /^[0-9a-f]{64}$/)
    t.ok(release.url.includes(release.version) && release.entry.endsWith('/nats'))
  }
  t.equal(natsRelease('win32', 'x64'), undefined)
  t.equal(natsRelease('linux', 'riscv64'), undefined)
})
