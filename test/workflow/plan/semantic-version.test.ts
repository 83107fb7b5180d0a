import t from 'tap'
import { compareVersions, parseVersion } from '../../../services/workflow/plan/semantic-version.ts'

t.test('versions in the order of semver.org', async (t) => {
  const ordered = [
    '0',
    '0.0.1',
    '0.2',
    '1.0.0-0',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1',
    '1.0.1',
    '1.10',
    '2.0.0',
  ].map((text) => parseVersion(text)!)
  for (const [i, a] of ordered.entries())
    for (const [j, b] of ordered.entries())
      t.equal(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${i} and ${j}`)
})

t.test('build metadata orders nothing; what is no version is none', async (t) => {
  t.strictSame(parseVersion('1.2.3+a'), parseVersion('v1.2.3+b'))
  for (const text of [
    '',
    'main',
    '1.2.3.4',
    '01.2.3',
    '1..2',
    '1.2.3-',
    '-1',
    '1.2.3 ',
    '9'.repeat(65),
    '1e3',
  ])
    t.equal(parseVersion(text), undefined, `"${text}"`)
})
