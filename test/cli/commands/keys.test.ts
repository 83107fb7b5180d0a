import t from 'tap'
import { openIsolatedCliFixture } from '../isolated-cli-fixture.ts'
import { assertWrongUsage } from '../wrong-usage.ts'

const { murmur } = openIsolatedCliFixture(t)

t.test('wrong usage is told before anything is connected to', (t) =>
  assertWrongUsage(t, murmur, [
    [['keys', 'create'], /missing required argument 'name'/],
    [['keys', 'create', 'ci'], /--tenant TENANT says whose key it is/],
    [['keys', 'create', 'ci', '--tenant', 'a.b'], /tenant/],
    [['keys', 'create', 'ci', '--tenant', 'acme', '--scope', 'none'], /--scope/],
    [['keys', 'create', 'ci', '--tenant', 'acme', '--expires', 'soon'], /--expires/],
    [['keys', 'rotate'], /missing required argument 'id'/],
    [['keys', 'rotate', 'k', '--grace', 'long'], /--grace/],
    [
      ['--edge', 'http://127.0.0.1:1', 'keys', 'create', 'ci', '--tenant', 'acme'],
      /keys are made and revoked on NATS/,
    ],
  ]),
)

t.test('what is right needs a stack, wherever the tenant stands', async (t) => {
  for (const args of [
    ['keys', 'create', 'ci', '--tenant', 'acme', '--scope', 'tasks:read', '--expires', '30d'],
    ['--tenant', 'acme', 'keys', 'create', 'ci'],
    ['keys', 'list', '--tenant', 'acme'],
    ['keys', 'list'],
    ['keys', 'rotate', 'k3v9xq81mz0a', '--grace', '0m'],
  ]) {
    const { code, err } = await murmur(args)
    t.equal(code, 4, args.join(' '))
    t.match(err, /NO_STACK/)
  }
})
