import fc from 'fast-check'
import t from 'tap'
import { parseVersion } from '../../../services/workflow/plan/semantic-version.ts'
import { isInRange, parseRange } from '../../../services/workflow/plan/version-range.ts'

/** Ranges, what is in them, what is not. As npm's own `semver` has it. */
const CASES: [range: string, inside: string, outside: string][] = [
  ['1.2.3', '1.2.3 v1.2.3 1.2.3+build', '1.2.4 1.2.2 1.2.3-rc.1'],
  ['=1.2.3-rc.1', '1.2.3-rc.1', '1.2.3 1.2.3-rc.2 1.2.3-rc.1.0'],
  ['1', '1 1.0.0 1.9.9', '2 0.9.9 2.0.0-rc.1 1.5.0-rc.1'],
  ['1.2', '1.2.0 1.2.9', '1.3.0 1.1.9'],
  ['1.x', '1.0.0 1.9.9', '2.0.0 0.9.0'],
  ['1.2.*', '1.2.7', '1.3.0'],
  ['*', '0.0.0 9.9.9', '1.0.0-rc.1'],
  ['^1.2.3', '1.2.3 1.9.0', '1.2.2 2.0.0 2.0.0-rc.1 1.3.0-rc.1'],
  ['^0.2.3', '0.2.3 0.2.9', '0.3.0 0.2.2'],
  ['^0.0.3', '0.0.3', '0.0.4'],
  ['^0.0', '0.0.0 0.0.9', '0.1.0'],
  ['^0', '0.0.0 0.9.9', '1.0.0'],
  ['^2', '2.0.0 2.9.9', '1.9.9 3.0.0'],
  ['^1.2.3-rc.2', '1.2.3-rc.2 1.2.3-rc.10 1.2.3 1.4.0', '1.2.3-rc.1 1.2.3-beta 1.4.0-rc.3'],
  ['~1.2.3', '1.2.3 1.2.9', '1.3.0 1.2.2'],
  ['~1.2', '1.2.0 1.2.9', '1.3.0'],
  ['~1', '1.0.0 1.9.9', '2.0.0'],
  ['>=1.4', '1.4.0 9.0.0', '1.3.9 2.0.0-rc.1'],
  ['>1.4', '1.5.0', '1.4.0 1.4.9'],
  ['>1.4.2', '1.4.3', '1.4.2'],
  ['<2', '1.9.9 0.0.0', '2.0.0 2.0.0-rc.1'],
  ['<=1.4', '1.4.9', '1.5.0'],
  ['<=1.4.2', '1.4.2', '1.4.3'],
  ['>=1.4 <2', '1.4.0 1.9.9', '1.3.9 2.0.0'],
  ['>= 1.4  < 2', '1.4.0', '2.0.0'],
  ['1 || ^3.1', '1.5.0 3.1.0', '2.0.0 3.0.0'],
  ['<1.2.3-rc.2', '1.2.3-rc.1 1.2.2', '1.2.3-rc.2 1.2.3 1.2.2-rc.1'],
]

for (const [text, inside, outside] of CASES)
  t.test(text, async (t) => {
    const range = parseRange(text)
    if (!range) throw new Error('it is a range')
    const holds = (version: string) => isInRange(parseVersion(version)!, range)
    for (const version of inside.split(' ')) t.ok(holds(version), `${version} is in it`)
    for (const version of outside.split(' ')) t.notOk(holds(version), `${version} is not`)
  })

t.test('what is no range', async (t) => {
  for (const text of [
    '',
    ' ',
    'latest',
    '1.2.3.4',
    '^',
    '1.x.3',
    '1-rc',
    '>*',
    '1 ||',
    '>>1',
    '^^1',
    '-1',
    '1 - 2',
  ])
    t.equal(parseRange(text), undefined, `"${text}"`)
  t.equal(parseRange(`1${' '.repeat(200)}`), undefined, 'too long')
})

t.test('caret, tilde and exact ranges hold the version they name, and nothing before it', async (t) => {
  const part = fc.integer({ min: 0, max: 20 })
  fc.assert(
    fc.property(fc.tuple(part, part, part), fc.tuple(part, part, part), (named, other) => {
      const [name, version] = [named.join('.'), parseVersion(other.join('.'))!]
      const [exact, tilde, caret, least] = ['', '~', '^', '>='].map(
        (operator) => parseRange(operator + name)!,
      )
      const itself = parseVersion(name)!
      for (const range of [exact, tilde, caret, least])
        if (!isInRange(itself, range!)) throw new Error(`${name} is not in ${range!.text}`)
      // Each is narrower than the next.
      const held = [exact, tilde, caret, least].map((range) => isInRange(version, range!))
      if (named[0] > 0 && held.some((is, i) => is && held[i + 1] === false)) throw new Error(held.join())
      if (held[3] !== !isInRange(version, parseRange(`<${name}`)!))
        throw new Error('neither below nor from it on')
    }),
  )
  t.pass()
})
