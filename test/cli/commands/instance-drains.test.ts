import t from 'tap'
import { drainLines } from '../../../services/cli/commands/agents.ts'
import { openIsolatedCliFixture } from '../isolated-cli-fixture.ts'
import { assertWrongUsage } from '../wrong-usage.ts'

const { murmur } = openIsolatedCliFixture(t)

t.test('wrong usage is told before anything is connected to', (t) =>
  assertWrongUsage(t, murmur, [
    [['agents', 'drain'], /missing required argument 'instance'/],
    [['agents', 'drain', 'a.b'], /instance/],
    [['agents', 'drain', 'a', '--reason', 'x'.repeat(201)], /200/],
    [['agents', 'drain', 'a', '--wait', 'soon'], /--wait/],
    [['agents', 'drain', 'a', '--agent', 'a.b'], /--agent/],
    [['agents', 'undrain'], /missing required argument 'instance'/],
  ]),
)

t.test('what is right needs a stack', async (t) => {
  for (const args of [
    ['agents', 'drain', 'a-1', '--agent', 'a', '--reason', 'r', '--wait', '90s'],
    ['agents', 'undrain', 'a-1'],
  ]) {
    const { code, err } = await murmur(args)
    t.equal(code, 4, args.join(' '))
    t.match(err, /NO_STACK/)
  }
})

t.test('what is drained is listed with since when and why, also what is not there', async (t) => {
  t.strictSame(drainLines([], [{ type: 'a', instance: 'a-1' }], 0), [])
  const drains = [
    { agent: 'a', instance: 'a-1', sinceMs: 0, reason: 'more \u001b[31mmemory' },
    { agent: 'b', instance: 'a-1', sinceMs: 5000 },
  ]
  const lines = drainLines(drains, [{ type: 'a', instance: 'a-1' }], 4000)
  t.match(lines[0], /^2 instances drained/)
  t.match(lines[1], /^ {2}a-1 of a, for 4\.00 s: more .*memory$/)
  t.notOk(lines[1]!.includes('\u001b'), 'a reason can not colour the terminal')
  t.match(lines[2], /^ {2}a-1 of b, for \S+( ms)?, not heard of$/)
})
