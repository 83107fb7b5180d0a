import type { Test } from 'tap'
import type { IsolatedCliFixture } from './isolated-cli-fixture.ts'

/** Each command line is refused with 2 and what was wrong, the fix last, before anything is connected to. */
export async function assertWrongUsage(
  t: Test,
  murmur: IsolatedCliFixture['murmur'],
  cases: readonly (readonly [args: string[], told: RegExp])[],
): Promise<void> {
  for (const [args, told] of cases) {
    const { code, err } = await murmur(args)
    t.equal(code, 2, args.join(' '))
    t.match(err, told)
    t.match(err.trimEnd().split('\n').at(-1), /^ {2}(→|Or)/, 'the fix comes last')
  }
}
