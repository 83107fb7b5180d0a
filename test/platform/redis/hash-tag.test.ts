import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hashTag, requireOneSlot } from '#platform/redis/hash-tag.ts'

t.test('the tag of a key, as the specification of Redis Cluster has it', async (t) => {
  t.equal(hashTag('murmur:{p1}:state:x'), 'p1')
  t.equal(hashTag('murmur:orchestrators'), 'murmur:orchestrators')
  t.equal(hashTag('a{}b{c}'), 'a{}b{c}', 'an empty one is none')
  t.equal(hashTag('a{b'), 'a{b')
  t.equal(hashTag('a{{b}}c'), '{b')
  t.equal(hashTag('a{b}{c}'), 'b')
})

t.test('keys of one call have one tag, on whatever server', async (t) => {
  requireOneSlot([], 'x')
  requireOneSlot(['anything'], 'x')
  requireOneSlot(['murmur:{p1}:a', 'murmur:{p1}:b', 'other:{p1}'], 'x')
  requireOneSlot(['murmur:orchestrators', 'murmur:refusals:{murmur:orchestrators}'], 'x')
  const crossing = [
    ['murmur:{p1}:a', 'murmur:{p2}:a'],
    ['murmur:{p1}:a', 'murmur:{p11}:a'],
    ['a', 'b'],
    ['a', 'a{b}'],
    ['{p}:a', '{p:a'],
  ]
  for (const keys of crossing)
    t.throws(() => requireOneSlot(keys, 'script'), { message: /^CROSSSLOT .* script/ })
})

/** Keys that a script makes itself: each has to be of the tag of its declared keys. */
const UNDECLARED = [
  // All of alerts, reviews and incidents has the tag {alerts}. What is taken away while it is moved goes by its own time to live.
  'services/agents/video/alerting/history/find-incident.lua',
  'services/agents/video/alerting/history/raise.lua',
  'services/agents/video/alerting/history/restore-incident.lua',
  'services/agents/video/alerting/history/trim.lua',
  'services/agents/video/alerting/reviews/assign-review.lua',
]

t.test('scripts use the keys that they are given', async (t) => {
  const root = join(import.meta.dirname, '../../..')
  const files = readdirSync(join(root, 'services'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.lua'),
  )
  t.ok(files.length > 15)
  const others = files.filter((file) => {
    const code = readFileSync(join(root, 'services', file), 'utf8').replace(/^\s*--.*$/gm, '')
    const calls = [...code.matchAll(/redis\.call\(\s*'(\w+)'\s*(?:,\s*([^,)]+))?/g)]
    t.ok(calls.length > 0, file)
    return calls.some(
      ([, command, key = '']) =>
        command !== 'TIME' &&
        command !== 'INFO' &&
        !/^(KEYS\[|indexes\[|index$|keepers$|counts$)/.test(key.trim()),
    )
  })
  t.strictSame(others.map((file) => `services/${file}`).sort(), UNDECLARED)
})
